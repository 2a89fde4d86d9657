import { z } from "zod";
import { errors } from "../errors.ts";
import { isStorable } from "../text.ts";

/** Text that is stored or looked up as it comes: PostgreSQL fails on U+0000 in whatever it is asked. */
export const storable = z.string().refine(isStorable, { error: errors.bad_text.detail });
