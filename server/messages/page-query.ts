import { z } from "zod";
import { Refusal } from "#shared/errors.ts";
import { limitParam, seqParam } from "../query.ts";
import type { PagePlace } from "./read-page.ts";

/** Which messages of a talk: the newest, or those beside a place in the room's log. */
export const pageQuery = z.strictObject({
  before: seqParam.optional(),
  after: seqParam.optional(),
  around: seqParam.optional(),
  limit: limitParam,
});

export function placeIn(query: z.infer<typeof pageQuery>): PagePlace {
  const { before, after, around } = query;
  const given = [before, after, around].filter((seq) => seq !== undefined);
  if (given.length > 1) throw new Refusal("invalid", "Only one of before, after and around.", { field: "before" });
  if (before !== undefined) return { from: "before", seq: before };
  if (after !== undefined) return { from: "after", seq: after };
  if (around !== undefined) return { from: "around", seq: around };
  return { from: "newest" };
}
