import type { z } from "zod";
import { Refusal } from "#shared/errors.ts";

export type Part = "path" | "query" | "body";

/** What a request brings does not have the shape that its address takes. */
export class Misshapen extends Refusal {
  readonly part: Part;
  readonly issues: readonly z.core.$ZodIssue[];

  constructor(part: Part, issues: readonly z.core.$ZodIssue[]) {
    const issue = issues[0];
    const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
    const field = unknown ?? issue?.path.join(".");
    const message = unknown === undefined ? issue?.message : `There is no "${unknown.slice(0, 40)}" here.`;
    super("invalid", field ? `${field.slice(0, 80)}: ${message}` : message, field ? { field: field.slice(0, 80) } : {});
    this.part = part;
    this.issues = issues;
  }
}

export function check(schema: z.ZodType, value: unknown, part: Part): unknown {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  throw new Misshapen(part, checked.error.issues);
}
