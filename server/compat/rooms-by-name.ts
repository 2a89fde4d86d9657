import type { Endpoint } from "../endpoint.ts";
import { logInAt, signUpAt } from "./accounts.ts";

/** For clients that sign up, log in, and meet in rooms by name at /ws/{name}, which connecting makes. */
const tag = "Compatibility: rooms by name";

export const roomsByName: Endpoint[] = [signUpAt("/signup", tag), logInAt("/login", tag)];
