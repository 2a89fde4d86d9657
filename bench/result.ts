/** What a scenario found: one row for each shape and contestant. */
export interface Result {
  scenario: string;
  title: string;
  conditions: string;
  when: string;
  commit: string;
  machine: string;
  rows: Row[];
}

export interface Row {
  shape: string;
  who: string;
  unit: string;
  /** One figure a run, void runs left out. */
  runs: number[];
  /** Of medians; only runs made under like conditions are compared. */
  ofLimit?: number;
  ofBare?: number;
  also: Record<string, number | string>;
  /** What made runs void or doubtful. */
  faults: string[];
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** 1234567 → "1.23 M". */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} M`;
  if (value >= 1e3) return `${(value / 1e3).toPrecision(3)} k`;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}

export function milliseconds(microseconds: number): string {
  const value = microseconds / 1000;
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2);
}
