import type { Context } from "hono";
import { z } from "zod";
import { type ErrorCode, errors, Refusal } from "#shared/errors.ts";
import type { Log } from "../log.ts";
import type { Bindings } from "./app.ts";

export const problemSchema = z.object({
  title: z.string(),
  status: z.int(),
  code: z.string().describe("Stable; one of the codes in the documentation"),
  detail: z.string(),
  field: z.string().optional(),
  retry_after: z.number().optional().describe("Seconds"),
});

/** A refusal whose HTTP status is more exact than its code's own. */
export class Problem extends Refusal {
  readonly #status: number;

  constructor(status: number, code: ErrorCode, detail: string) {
    super(code, detail);
    this.#status = status;
  }

  override get status(): number {
    return this.#status;
  }
}

export function problem(context: Context<Bindings>, code: ErrorCode, detail?: string): Response {
  return answer(context, new Refusal(code, detail));
}

/** What was thrown, as an HTTP answer. */
export function refused(context: Context<Bindings>, error: unknown, log: Log): Response {
  return answer(context, refusalOf(context, error, log));
}

/** The one place where what was thrown becomes a refusal. What is unforeseen tells nothing of itself. */
export function refusalOf(context: Context<Bindings>, error: unknown, log: Log | null): Refusal {
  if (error instanceof Refusal) return error;
  const place =
    error instanceof Error ? `${error.name} ${(error.stack ?? "").split("\n").slice(1, 4).join(" < ")}` : "a throw";
  log?.error("a request failed", { request: context.env.requestId, path: context.req.path, at: place });
  return new Refusal("internal");
}

function answer(context: Context<Bindings>, refusal: Refusal): Response {
  const headers = new Headers({ "content-type": "application/problem+json", "cache-control": "no-store" });
  headers.set("x-request-id", context.env.requestId);
  if (refusal.status === 401) headers.set("www-authenticate", "Bearer");
  if (refusal.retryAfter !== undefined) headers.set("retry-after", String(refusal.retryAfter));
  const body = {
    title: titleOf(refusal.code),
    status: refusal.status,
    code: refusal.code,
    detail: refusal.message,
    ...(refusal.field === undefined ? {} : { field: refusal.field }),
    ...(refusal.retryAfter === undefined ? {} : { retry_after: refusal.retryAfter }),
  };
  return new Response(JSON.stringify(body), { status: refusal.status, headers });
}

function titleOf(code: ErrorCode): string {
  const words = code.replaceAll("_", " ");
  return code in errors ? words.charAt(0).toUpperCase() + words.slice(1) : "Error";
}
