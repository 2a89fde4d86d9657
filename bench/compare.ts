import { chooseRuns, enough, isQuiet, others, quietRuns, type Run } from "./choose-runs.ts";
import type { Contestant, Place, Server, Shape } from "./contestants/contestant.ts";
import { type Outcome, runLoad, type Window } from "./load.ts";
import { median, milliseconds, type Row, short } from "./result.ts";

export interface Bench {
  /** Comparable runs that are wanted of everyone, and how often to try for them. */
  rounds: number;
  roundsMost: number;
  warmMs: number;
  windowMs: number;
  say(text: string): void;
}

export interface Contest {
  title: string;
  place: Place;
  contestants: Contestant[];
  limit: Contestant;
  bare: Contestant;
  shapes: { label: string; shape: Shape }[];
  unit: string;
  figure: (window: Window) => number;
}

/**
 * Every contestant in every round, one after the other, so that a machine which slows down slows all of them; all
 * servers stand from the beginning, and only the one that is asked has anything to do.
 */
export async function compare(bench: Bench, contest: Contest): Promise<Row[]> {
  const servers = await startAll(bench, contest.contestants, contest.place);
  const rows: Row[] = [];
  try {
    for (const { label, shape } of contest.shapes) {
      const runs = new Map<string, Run[]>(servers.map(({ name }) => [name, []]));
      for (let round = 1; round <= bench.roundsMost && (round === 1 || !enough(runs, bench.rounds)); round++) {
        for (const { name, server } of servers) {
          const run = await runOnce(bench, contest, server, shape);
          runs.get(name)?.push(run);
          bench.say(`${contest.title} · ${label} · round ${round} · ${name}: ${describeRun(run, contest.unit)}`);
        }
      }
      rows.push(...rowsOf(label, contest, runs));
    }
  } finally {
    for (const { server } of servers) await server.stop();
  }
  return rows;
}

export async function startAll(bench: Bench, contestants: Contestant[], place: Place) {
  const started: { name: string; server: Server }[] = [];
  for (const contestant of contestants) {
    try {
      started.push({ name: contestant.name, server: await contestant.start(place) });
    } catch (error) {
      bench.say(`${contestant.name} is left out: ${error instanceof Error ? error.message : error}`);
    }
  }
  return started;
}

/** One server, one task, until there are enough quiet runs; `also` says more about the windows than every row does. */
export async function repeat(
  bench: Bench,
  about: { shape: string; who: string; unit: string },
  once: () => Promise<{ outcome: Outcome; figure: (window: Window) => number; also?: Row["also"] }>,
): Promise<Row> {
  const runs: Run[] = [];
  let also: Row["also"] = {};
  for (let round = 1; round <= bench.roundsMost && (round === 1 || !settled(runs, bench.rounds)); round++) {
    const made = await once();
    const run = runOf(made.outcome, made.figure);
    runs.push(run);
    also = made.also ?? {};
    bench.say(`${about.who} · ${about.shape} · round ${round}: ${describeRun(run, about.unit)}`);
  }
  const chosen = quietRuns(runs);
  const windows = chosen.flatMap((run) => run.window ?? []);
  return {
    ...about,
    runs: chosen.flatMap((run) => run.figure ?? []),
    also: windows.length > 0 ? { ...describeWindows(windows), ...also } : {},
    faults: [...new Set(runs.flatMap((run) => run.faults))],
  };
}

function settled(runs: Run[], rounds: number): boolean {
  return runs.filter((run) => run.window !== null && run.figure !== null && isQuiet(run.window)).length >= rounds;
}

function runOf(outcome: Outcome, figure: (window: Window) => number): Run {
  const window = outcome.windows[0] ?? null;
  const faults = faultsOf(outcome);
  return { window, faults, lay: outcome.lay, figure: window && faults.length === 0 ? figure(window) : null };
}

async function runOnce(bench: Bench, contest: Contest, server: Server, shape: Shape): Promise<Run> {
  try {
    const outcome = await runLoad({
      dialect: server.dialect,
      groups: await server.gather(shape),
      pid: server.pid,
      cores: contest.place.cores,
      warmMs: bench.warmMs,
      windowMs: bench.windowMs,
    });
    return runOf(outcome, contest.figure);
  } catch (error) {
    return { window: null, figure: null, lay: null, faults: [error instanceof Error ? error.message : String(error)] };
  }
}

function faultsOf(outcome: Outcome): string[] {
  const silent = outcome.windows.some((window) => window.answers === 0);
  return silent || outcome.windows.length === 0 ? ["nothing was answered", ...outcome.faults] : outcome.faults;
}

function describeRun(run: Run, unit: string): string {
  if (run.figure === null || run.window === null) return `void: ${run.faults.join(", ")}`;
  const strangers = Math.round(others(run.window) * 100);
  return `${short(run.figure)} ${unit} (cores ${run.lay ?? "moved"}, others ${strangers} %)`;
}

function rowsOf(shape: string, contest: Contest, all: Map<string, Run[]>): Row[] {
  const { lay, runs } = chooseRuns(all);
  const middle = (name: string) => median((runs.get(name) ?? []).flatMap((run) => run.figure ?? []));
  return [...all.keys()].map((who) => {
    const windows = (runs.get(who) ?? []).flatMap((run) => run.window ?? []);
    const row: Row = {
      shape,
      who,
      unit: contest.unit,
      runs: (runs.get(who) ?? []).flatMap((run) => run.figure ?? []),
      also: windows.length > 0 ? { ...describeWindows(windows), cores: lay ?? "mixed" } : {},
      faults: [...new Set((all.get(who) ?? []).flatMap((run) => run.faults))],
    };
    const ofLimit = middle(who) / middle(contest.limit.name);
    const ofBare = middle(who) / middle(contest.bare.name);
    if (Number.isFinite(ofLimit)) row.ofLimit = ofLimit;
    if (Number.isFinite(ofBare)) row.ofBare = ofBare;
    return row;
  });
}

function describeWindows(windows: Window[]): Record<string, string> {
  const of = (value: (window: Window) => number) => median(windows.map(value));
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  return {
    "ack p50 / p99 ms": `${milliseconds(of((w) => w.answer.p50))} / ${milliseconds(of((w) => w.answer.p99))}`,
    "last p50 / p99 ms": `${milliseconds(of((w) => w.last.p50))} / ${milliseconds(of((w) => w.last.p99))}`,
    "server CPU": percent(of((w) => w.server_cpu / w.seconds)),
    "load busy": percent(of((w) => Math.min(w.own_cpu, w.seconds - w.idle) / w.seconds)),
    others: percent(of(others)),
  };
}
