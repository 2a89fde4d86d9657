import type { HouseHealth } from "#shared/contract/house.ts";

const UNITS = ["bytes", "KB", "MB", "GB", "TB", "PB"];

/** As a disk's maker counts: 1 KB is 1,000 bytes. */
export function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  // 999.6 would be shown as 1000 of the smaller unit.
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || size >= 99.5 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** How often between two looks; a server that began anew between them has counted from nothing. */
export function perSecond(before: HouseHealth | null, now: HouseHealth, what: "sends" | "commits"): string {
  if (before === null) return "…";
  const seconds = (Date.parse(now.at) - Date.parse(before.at)) / 1_000;
  const done = before.started_at === now.started_at ? now[what] - before[what] : now[what];
  if (seconds <= 0) return "…";
  const rate = done / seconds;
  return rate > 0 && rate < 10 ? rate.toFixed(1) : String(Math.round(rate));
}
