import { chooseRuns, enough, others, quietest, quietRuns, type Run } from "./choose-runs.ts";
import type { Contestant, Place, Server, Shape } from "./contestants/contestant.ts";
import { type Outcome, runLoad, type Window } from "./load.ts";
import { median, milliseconds, type Row, short } from "./result.ts";

export interface Bench {
  /** Comparable runs that are wanted of everyone, and how often to go round for them. */
  wanted: number;
  roundsMost: number;
  warmMs: number;
  /** In a closed loop several short windows are measured in a row: the shorter, the fewer are disturbed. */
  windows: number;
  windowMs: number;
  /** In an open loop it is one, and long enough for a p99. */
  openWindowMs: number;
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
      for (let round = 1; round <= bench.roundsMost && (round === 1 || !enough(runs, bench.wanted)); round++) {
        for (const { name, server } of servers) {
          const found = await runOnce(bench, contest, server, shape);
          runs.get(name)?.push(...found);
          bench.say(`${contest.title} · ${label} · round ${round} · ${name}: ${describeRuns(found, contest.unit)}`);
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
  const more = new Map<Run, Row["also"]>();
  for (let round = 1; round <= bench.roundsMost && quietRuns(runs).length < bench.wanted; round++) {
    const made = await once();
    const found = runsOf(made.outcome, made.figure);
    runs.push(...found);
    for (const run of found) more.set(run, made.also ?? {});
    bench.say(`${about.who} · ${about.shape} · round ${round}: ${describeRuns(found, about.unit)}`);
  }
  const chosen = quietest(runs).toSorted((a, b) => (a.figure ?? 0) - (b.figure ?? 0));
  const middle = chosen[chosen.length >> 1];
  return {
    ...about,
    runs: chosen.flatMap((run) => run.figure ?? []),
    also: middle ? { ...describe(chosen), ...more.get(middle) } : {},
    faults: [...new Set(runs.flatMap((run) => run.faults))],
  };
}

async function runOnce(bench: Bench, contest: Contest, server: Server, shape: Shape): Promise<Run[]> {
  try {
    const outcome = await runLoad({
      dialect: server.dialect,
      groups: await server.gather(shape),
      pid: server.pid,
      cores: contest.place.cores,
      warmMs: bench.warmMs,
      windowMs: bench.windowMs,
      windows: bench.windows,
      yields: server.besideLoad ?? false,
    });
    return runsOf(outcome, contest.figure);
  } catch (error) {
    return [voidRun([error instanceof Error ? error.message : String(error)])];
  }
}

/** One fault anywhere makes every window of the run void. */
function runsOf(outcome: Outcome, figure: (window: Window) => number): Run[] {
  const silent = outcome.windows.length === 0 || outcome.windows.some((window) => window.answers === 0);
  const faults = silent ? ["nothing was answered", ...outcome.faults] : outcome.faults;
  if (faults.length > 0) return [voidRun(faults)];
  const { flushMs } = outcome;
  return outcome.windows.map((window) => ({ window, faults: [], lay: window.lay, figure: figure(window), flushMs }));
}

function voidRun(faults: string[]): Run {
  return { window: null, figure: null, lay: null, faults };
}

function describeRuns(runs: Run[], unit: string): string {
  const told = runs.map(({ figure, window, lay, faults }) => {
    if (figure === null || window === null) return `void (${faults.join(", ")})`;
    const disturbed = Math.round(others(window) * 100);
    return `${short(figure)} ${lay ?? "moved"}${disturbed > 8 ? ` others ${disturbed} %` : ""}`;
  });
  return `${told.join(", ")} ${unit}`;
}

function rowsOf(shape: string, contest: Contest, all: Map<string, Run[]>): Row[] {
  const { lay, runs } = chooseRuns(all);
  const middle = (name: string) => median((runs.get(name) ?? []).flatMap((run) => run.figure ?? []));
  return [...all].map(([who, every]) => {
    const like = runs.get(who) ?? [];
    // Whoever never ran under like conditions is shown, and compared with nobody.
    const shown = like.length > 0 ? like : quietest(every);
    const row: Row = {
      shape,
      who,
      unit: contest.unit,
      runs: shown.flatMap((run) => run.figure ?? []),
      also: shown.length > 0 ? { ...describe(shown), cores: like.length > 0 ? lay : "not alike" } : {},
      faults: [...new Set(every.flatMap((run) => run.faults))],
    };
    const ofLimit = middle(who) / middle(contest.limit.name);
    const ofBare = middle(who) / middle(contest.bare.name);
    if (Number.isFinite(ofLimit)) row.ofLimit = ofLimit;
    if (Number.isFinite(ofBare)) row.ofBare = ofBare;
    return row;
  });
}

function describe(runs: Run[]): Record<string, string> {
  const windows = runs.flatMap((run) => run.window ?? []);
  const of = (value: (window: Window) => number) => median(windows.map(value));
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  return {
    "ack p50 / p99 ms": `${milliseconds(of((w) => w.answer.p50))} / ${milliseconds(of((w) => w.answer.p99))}`,
    "last p50 / p99 ms": `${milliseconds(of((w) => w.last.p50))} / ${milliseconds(of((w) => w.last.p99))}`,
    "server CPU": percent(of((w) => w.server_cpu / w.seconds)),
    "load busy": percent(of((w) => Math.min(w.own_cpu, w.seconds - w.idle) / w.seconds)),
    others: percent(of(others)),
    "flush ms": median(runs.flatMap((run) => run.flushMs ?? [])).toFixed(2),
  };
}
