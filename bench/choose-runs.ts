import { cpus } from "node:os";
import type { Lay, Window } from "./load.ts";

export interface Run {
  /** Null: the run is void. */
  figure: number | null;
  window: Window | null;
  /** Null: the processors moved while it ran. */
  lay: Lay | null;
  faults: string[];
  flushMs?: number;
}

/** Other programs took no more than this part of the machine. */
const QUIET = 0.08;

/** Whether more rounds would add nothing: everyone who can be measured has enough comparable runs. */
export function enough(all: Map<string, Run[]>, wanted: number): boolean {
  const able = [...all.values()].filter((runs) => runs.some((run) => run.figure !== null));
  return lays.some((lay) => able.every((runs) => quietRuns(inLay(runs, lay)).length >= wanted));
}

/** The runs to compare: those of the lay in which most have a quiet one, and of these the quiet ones where there are any. */
export function chooseRuns(all: Map<string, Run[]>): { lay: Lay; runs: Map<string, Run[]> } {
  const counts = lays.map((lay) => {
    const quiet = [...all.values()].map((runs) => quietRuns(inLay(runs, lay)).length);
    const some = [...all.values()].filter((runs) => inLay(runs, lay).length > 0).length;
    return { lay, having: quiet.filter((count) => count > 0).length, some, least: Math.min(...quiet) };
  });
  const [best] = counts.toSorted((a, b) => b.having - a.having || b.least - a.least || b.some - a.some);
  const lay = best?.lay ?? "far";
  return { lay, runs: new Map([...all].map(([name, runs]) => [name, quietest(inLay(runs, lay))])) };
}

/** The quiet ones, or all valid ones where there was no quiet moment. */
export function quietest(runs: Run[]): Run[] {
  const quiet = quietRuns(runs);
  return quiet.length > 0 ? quiet : runs.filter((run) => run.figure !== null);
}

export function quietRuns(runs: Run[]): Run[] {
  return runs.filter((run) => run.figure !== null && run.window !== null && others(run.window) <= QUIET);
}

export function others(window: Window): number {
  const ours = window.server_cpu + window.own_cpu;
  return Math.max(0, window.machine_cpu - ours) / window.seconds / cpus().length;
}

const lays: Lay[] = ["near", "far"];

function inLay(runs: Run[], lay: Lay): Run[] {
  return runs.filter((run) => run.figure !== null && run.lay === lay);
}
