import { type KeptReport, Report } from "./rules.ts";

/** How far an import is, kept with each of its steps. */
export interface State {
  report: Report;
  /** The id of the last message that was looked at. */
  after: number | null;
  /** The time of the message before, for those without one of their own. */
  lastAt: number;
}

export function newState(now: number): State {
  return { report: new Report(), after: null, lastAt: now };
}

export function writeState(state: State): string {
  return JSON.stringify(state);
}

export function readState(text: string): State {
  const { after, lastAt, report } = JSON.parse(text) as Omit<State, "report"> & { report: KeptReport };
  return { after, lastAt, report: Report.from(report) };
}
