import { cpus } from "node:os";
import type { Lay, Window } from "./load.ts";

export interface Run {
  /** Null: the run is void. */
  figure: number | null;
  window: Window | null;
  /** Null: the processors moved while it ran. */
  lay: Lay | null;
  faults: string[];
}

/** Other programs took no more than this part of the machine. */
const QUIET = 0.08;

/** Whether more rounds would add nothing: everyone who can be measured has enough comparable runs. */
export function enough(all: Map<string, Run[]>, rounds: number): boolean {
  return lays.some((lay) => [...able(all).values()].every((runs) => comparable(runs, lay).length >= rounds));
}

/** The runs to compare: quiet ones of one lay if everyone has some, else valid ones of one lay, else whatever is valid. */
export function chooseRuns(all: Map<string, Run[]>): { lay: Lay | null; runs: Map<string, Run[]> } {
  const measured = able(all);
  for (const filter of [comparable, sameLay]) {
    const ways = lays.map((lay) => ({ lay, least: least(measured, (runs) => filter(runs, lay).length) }));
    const best = ways.toSorted((a, b) => b.least - a.least)[0];
    if (best === undefined || best.least === 0) continue;
    return { lay: best.lay, runs: mapValues(all, (runs) => filter(runs, best.lay)) };
  }
  return { lay: null, runs: mapValues(all, (runs) => runs.filter((run) => run.figure !== null)) };
}

/** Where nobody is compared with anybody: the quiet runs, or all valid ones if there was no quiet moment. */
export function quietRuns(runs: Run[]): Run[] {
  const valid = runs.filter((run) => run.figure !== null);
  const quiet = valid.filter((run) => run.window !== null && isQuiet(run.window));
  return quiet.length > 0 ? quiet : valid;
}

export function isQuiet(window: Window): boolean {
  return others(window) <= QUIET;
}

export function others(window: Window): number {
  const ours = window.server_cpu + window.own_cpu;
  return Math.max(0, window.machine_cpu - ours) / window.seconds / cpus().length;
}

const lays: Lay[] = ["near", "far"];

function able(all: Map<string, Run[]>): Map<string, Run[]> {
  return new Map([...all].filter(([, runs]) => runs.some((run) => run.figure !== null)));
}

function comparable(runs: Run[], lay: Lay): Run[] {
  return sameLay(runs, lay).filter((run) => run.window !== null && isQuiet(run.window));
}

function sameLay(runs: Run[], lay: Lay): Run[] {
  return runs.filter((run) => run.figure !== null && run.lay === lay);
}

function least(all: Map<string, Run[]>, count: (runs: Run[]) => number): number {
  return all.size === 0 ? 0 : Math.min(...[...all.values()].map(count));
}

function mapValues(all: Map<string, Run[]>, change: (runs: Run[]) => Run[]): Map<string, Run[]> {
  return new Map([...all].map(([name, runs]) => [name, change(runs)]));
}
