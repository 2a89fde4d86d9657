import { z } from "zod";
import { limits } from "#shared/limits.ts";

/** Parts of addresses that several nouns have: they arrive as text. */

export const idParam = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, "An id is a whole number from 1.")
  .transform(Number);

export const idsParam = z
  .string()
  .regex(/^[1-9]\d{0,14}(,[1-9]\d{0,14})*$/, "Ids are whole numbers with commas between.")
  .transform((text) => [...new Set(text.split(",").map(Number))])
  .refine((ids) => ids.length <= limits.pageMost, `At most ${limits.pageMost} ids.`);

export const seqParam = z
  .string()
  .regex(/^\d{1,15}$/, "A seq is a whole number from 0.")
  .transform(Number);

export const limitParam = z
  .string()
  .regex(/^\d{1,3}$/, `The limit is a number from 1 to ${limits.pageMost}.`)
  .transform(Number)
  .refine((limit) => limit >= 1 && limit <= limits.pageMost, `The limit is a number from 1 to ${limits.pageMost}.`)
  .default(limits.pageDefault);

/** `cursor` is the `next` of the page before. */
export const listQuery = z.strictObject({ cursor: seqParam.default(0), limit: limitParam });
