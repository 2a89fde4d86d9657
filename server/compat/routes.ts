import type { Endpoint } from "../endpoint.ts";
import { roomsById } from "./rooms-by-id.ts";
import { roomsByName } from "./rooms-by-name.ts";
import { singularNouns } from "./singular-nouns.ts";
import { versioned } from "./versioned.ts";

/**
 * The addresses of other chat systems, from the root. Each is the other system's spelling of an action of /api/v1 and
 * decides nothing itself; docs/compatibility.md lists them.
 */
export const compatRoutes: readonly Endpoint[] = [...roomsById, ...roomsByName, ...versioned, ...singularNouns];
