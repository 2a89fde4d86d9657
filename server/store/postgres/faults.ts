import { Refusal } from "#shared/errors.ts";
import { refusalFrom, refusalText } from "../wire.ts";
import { PostgresFault } from "./connection.ts";

/** Whether the same transaction, begun anew, may well succeed: another one was in its way. */
export function isWorthAnotherTry(error: unknown): boolean {
  if (!(error instanceof PostgresFault)) return false;
  // Serialization, deadlock, and a row that another transaction made first: what was a race is a plain refusal then.
  return error.state === "40001" || error.state === "40P01" || error.state === "23505" || isOutdated(error);
}

/** Whether nobody knows what became of the statement that was under way. */
export function isUnheard(error: unknown): boolean {
  return error instanceof PostgresFault && (error.state === null || /^(57P0[1-5]|08|25P0[34])/.test(error.state));
}

/** Whether a kept statement fits no more, since a newer version has changed what it reads, or is another's. */
export function isOutdated(error: unknown): boolean {
  return error instanceof PostgresFault && /^(0A000|26000|42P05)$/.test(error.state ?? "");
}

export function isReadOnly(error: unknown): boolean {
  return error instanceof PostgresFault && error.state === "25006";
}

/** As the store's refusals are: not the action's fault but the database's is `unavailable`. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof PostgresFault && isDatabaseFault(error.state)) return unavailable();
  return refusalFrom(refusalText(error));
}

export function unavailable(): Refusal {
  return new Refusal("unavailable", undefined, { retryAfter: 2 });
}

/**
 * Lost connections (08), another's turn that did not end (40, 55P03), out of memory, disk or connections (53), stopped
 * or cancelled (57), the disk (58), read-only (25006), no right to write any more (42501), damage (XX).
 */
function isDatabaseFault(state: string | null): boolean {
  return state === null || /^(08|25|40|53|57|58|XX)|^(55P03|42501)/.test(state);
}

export function report(what: string, error: unknown): void {
  const code = error instanceof PostgresFault ? (error.state ?? "lost") : "unknown";
  console.error(JSON.stringify({ level: "error", what, code }));
}
