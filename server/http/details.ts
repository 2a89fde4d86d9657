import type { Context } from "hono";
import { z } from "zod";
import type { Refusal } from "#shared/errors.ts";
import type { Log } from "../log.ts";
import type { Bindings } from "./app.ts";
import { Misshapen } from "./check.ts";
import { refusalOf } from "./problems.ts";

const fault = z.object({ type: z.string(), loc: z.array(z.union([z.string(), z.int()])), msg: z.string() });

/** How FastAPI writes a refusal: a sentence, or for what is misshapen (422) a list of what is wrong and where. */
export const detailSchema = z.object({ detail: z.union([z.string(), z.array(fault)]) });

/** The refusals of other systems' addresses, in the form that their clients know. */
export function refusedInDetail(context: Context<Bindings>, error: unknown, log: Log | null): Response {
  const refusal = refusalOf(context, error, log);
  const misshapen = refusal.status === 400 || refusal.status === 415;
  const headers = new Headers({ "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  if (refusal.status === 401) headers.set("www-authenticate", "Bearer");
  if (refusal.retryAfter !== undefined) headers.set("retry-after", String(refusal.retryAfter));
  const body: z.infer<typeof detailSchema> = { detail: misshapen ? faultsIn(refusal) : refusal.message };
  return new Response(JSON.stringify(body), { status: misshapen ? 422 : refusal.status, headers });
}

// What was sent is not sent back: it may be a password.
function faultsIn(refusal: Refusal): z.infer<typeof fault>[] {
  if (refusal instanceof Misshapen) {
    return refusal.issues.slice(0, 20).map((issue) => {
      const isMissing = issue.code === "invalid_type" && / received undefined$/.test(issue.message);
      const loc = [
        refusal.part,
        ...issue.path.map((key) => (typeof key === "number" ? key : String(key).slice(0, 80))),
      ];
      return isMissing
        ? { type: "missing", loc, msg: "Field required" }
        : { type: issue.code, loc, msg: issue.message.slice(0, 200) };
    });
  }
  if (refusal.code === "bad_json") return [{ type: "json_invalid", loc: ["body", 0], msg: "JSON decode error" }];
  return [{ type: refusal.code, loc: refusal.field ? ["body", refusal.field] : ["body"], msg: refusal.message }];
}
