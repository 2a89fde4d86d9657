import { type ErrorCode, Refusal } from "#shared/errors.ts";
import type { Send, SendOutcome } from "../messages/send-message.ts";
import type { Tell } from "./tell.ts";

/** What crosses between the main thread and the workers: one JSON text a batch or a question, and one back. */

export interface Batch {
  now: number;
  items: BatchItem[];
}

export type BatchItem = [kind: 0, ...send: Send] | [kind: 1, action: string, userId: number, args: unknown];

export type BatchAnswer = { ok: true; outcomes: Outcome[]; flushMs: number } | { ok: false; refusal: RefusalText };

export type Outcome = SendOutcome | WriteOutcome;

export type WriteOutcome = { result: unknown; tells: Tell[] } | { refusal: RefusalText };

export interface RefusalText {
  code: ErrorCode;
  detail: string;
  field?: string;
  retryAfter?: number;
}

export function refusalText(error: unknown): RefusalText {
  if (!(error instanceof Refusal)) {
    // Where it happened is for the operator; the text of an unforeseen error may hold what a person wrote.
    console.error(JSON.stringify({ level: "error", what: "an action failed", at: placeOf(error) }));
    return { code: "internal", detail: "Something went wrong on the server." };
  }
  const text: RefusalText = { code: error.code, detail: error.message };
  if (error.field !== undefined) text.field = error.field;
  if (error.retryAfter !== undefined) text.retryAfter = error.retryAfter;
  return text;
}

export function refusalFrom(text: RefusalText): Refusal {
  const more: { field?: string; retryAfter?: number } = {};
  if (text.field !== undefined) more.field = text.field;
  if (text.retryAfter !== undefined) more.retryAfter = text.retryAfter;
  return new Refusal(text.code, text.detail, more);
}

function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return "an unknown throw";
  const code = "code" in error ? ` ${String(error.code)}` : "";
  const frames = (error.stack ?? "")
    .split("\n")
    .filter((line) => line.includes("at "))
    .slice(0, 4);
  return `${error.name}${code}: ${frames.map((line) => line.trim()).join(" < ")}`;
}
