import type { Cell } from "./source.ts";

const WRITTEN = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i;

/** Milliseconds since 1970, or null for what is no time. One without a zone is UTC, as those systems write it. */
export function timeOf(cell: Cell | undefined): number | null {
  if (cell instanceof Date) return plausible(cell.getTime());
  if (typeof cell === "number" || typeof cell === "bigint") return plausible(milliseconds(Number(cell)));
  if (typeof cell !== "string") return null;
  const text = cell.trim();
  if (/^\d{9,16}(\.\d+)?$/.test(text)) return plausible(milliseconds(Number(text)));
  const [, day, minute = "00:00", second = "00", fraction = "", zone = "Z"] = WRITTEN.exec(text) ?? [];
  if (day === undefined) return null;
  const iso = `${day}T${minute}:${second}.${fraction.padEnd(3, "0").slice(0, 3)}`;
  const time = Date.parse(iso + offset(zone));
  // A 30th of February is not the 1st of March.
  return new Date(Date.parse(`${iso}Z`)).getUTCDate() === Number(day.slice(8)) ? plausible(time) : null;
}

function offset(zone: string): string {
  if (/^(z|utc)$/i.test(zone)) return "Z";
  const [, hours, minutes = "00"] = /^([+-]\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return `${hours}:${minutes}`;
}

/** Numbers are seconds, milliseconds or microseconds, told apart by their size. */
function milliseconds(value: number): number {
  if (Math.abs(value) < 1e11) return Math.floor(value * 1_000);
  return Math.abs(value) < 1e14 ? Math.floor(value) : Math.floor(value / 1_000);
}

function plausible(time: number): number | null {
  return Number.isFinite(time) && time >= 0 ? time : null;
}
