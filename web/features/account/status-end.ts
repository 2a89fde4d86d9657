/** When a status goes by itself. */
export const ENDS = {
  keep: "I take it away",
  hour: "One hour from now",
  four: "Four hours from now",
  today: "Tonight at midnight",
  week: "One week from now",
} as const;

export type EndName = keyof typeof ENDS;

const HOUR = 3_600_000;

export function endOf(name: EndName, now: number): string | null {
  switch (name) {
    case "keep":
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
