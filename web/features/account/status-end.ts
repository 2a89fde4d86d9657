import type { ChangeProfile, Status } from "#shared/contract/people.ts";

/** When a status goes by itself. `kept` is the end that it has already. */
export const ENDS = {
  none: "I take it away",
  hour: "One hour from now",
  four: "Four hours from now",
  today: "Tonight at midnight",
  week: "One week from now",
} as const;

export type EndName = keyof typeof ENDS | "kept";

const HOUR = 3_600_000;

/** The choice that leaves a status as it is. */
export function endNow(status: Status | null): EndName {
  return status?.until ? "kept" : "none";
}

/** What is asked of the server; undefined: nothing, since what was said stays as it is, even if it ended meanwhile. */
export function statusChange(
  before: Status | null,
  chosen: { text: string; end: EndName },
  now: number,
): ChangeProfile["status"] {
  const text = chosen.text.trim();
  if (text === (before?.text ?? "") && (text === "" || chosen.end === endNow(before))) return undefined;
  return text === "" ? null : { text, until: endOf(chosen.end, before, now) };
}

function endOf(name: EndName, before: Status | null, now: number): string | null {
  switch (name) {
    case "kept":
      return before?.until ?? null;
    case "none":
      return null;
    case "hour":
      return new Date(now + HOUR).toISOString();
    case "four":
      return new Date(now + 4 * HOUR).toISOString();
    case "today":
      return new Date(new Date(now).setHours(24, 0, 0, 0)).toISOString();
    case "week":
      return new Date(now + 7 * 24 * HOUR).toISOString();
    default:
      return name satisfies never;
  }
}
