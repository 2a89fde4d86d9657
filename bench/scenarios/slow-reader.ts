import { type Bench, describeWindows, faultsOf, startAll } from "../compare.ts";
import type { Server } from "../contestants/contestant.ts";
import { parlour } from "../contestants/parlour.ts";
import { bareBun, wsLoop } from "../contestants/plain.ts";
import { type Outcome, runLoad } from "../load.ts";
import { residentBytes, serverHolds } from "../machine.ts";
import { median, milliseconds, type Row } from "../result.ts";
import type { Scenario } from "./scenario.ts";

const place = { cores: "one", flushDelayMs: 0 } as const;
const shape = { rooms: 1, members: 100, senders: 4, inFlight: 1 };
const RATE = 2000;
/** The kernel's buffers take some megabytes before the server's own queue begins to grow. */
const CONTENT_BYTES = 1000;
const WINDOW_MS = 8000;

export const slowReader: Scenario = {
  name: "slow-reader",
  title: "Slow reader: one of 101 sockets stops reading",
  conditions: `open loop, ${RATE} messages/s of ${CONTENT_BYTES} bytes to 100 members; the figure is the neighbours' p99, with the slow one and without`,
  async run(bench) {
    const rows: Row[] = [];
    for (const { name, server } of await startAll(bench, [wsLoop, bareBun, parlour], place)) {
      try {
        rows.push(...(await withAndWithout(bench, name, server)));
      } finally {
        await server.stop();
      }
    }
    return rows;
  },
};

async function withAndWithout(bench: Bench, who: string, server: Server): Promise<Row[]> {
  const rows = [0, 1].map((stalled): Row & { stalled: number } => {
    const label = stalled ? "one does not read" : "all read";
    return { stalled, shape: label, who, unit: "ms, send to last, p99", runs: [], also: {}, faults: [] };
  });
  for (let round = 1; round <= bench.rounds; round++) {
    for (const row of rows) {
      const { outcome, cutAfterMs, grown } = await send(server, row.stalled);
      const faults = faultsOf(outcome);
      row.faults.push(...faults);
      if (faults.length === 0) row.runs.push(median(outcome.windows.map((window) => window.last.p99 / 1000)));
      row.also = { ...describeWindows(outcome.windows), "server grew": `${(grown / 1e6).toFixed(1)} MB` };
      if (row.stalled > 0) {
        row.also.cut = cutAfterMs === null ? "never" : `after ${milliseconds(cutAfterMs * 1000)} ms`;
        row.also["still got"] = `${((outcome.drained[0]?.bytes ?? 0) / 1024).toFixed(0)} KiB`;
      }
      bench.say(`slow reader · ${row.shape} · run ${round}/${bench.rounds} · ${who}: p99 ${row.runs.at(-1)} ms`);
    }
  }
  return rows.map(({ stalled: _, ...row }) => row);
}

async function send(server: Server, stalled: number) {
  let cutAfterMs: number | null = null;
  let watching = true;
  let watched: Promise<void> | undefined;
  const before = residentBytes(server.pid);
  const outcome: Outcome = await runLoad({
    dialect: server.dialect,
    groups: await server.gather({ ...shape, stalled }),
    pid: server.pid,
    cores: place.cores,
    warmMs: 1500,
    windowMs: WINDOW_MS,
    rate: RATE,
    contentBytes: CONTENT_BYTES,
    onStalled(port) {
      watched = watch(port);
    },
  });
  watching = false;
  await watched;
  return { outcome, cutAfterMs, grown: residentBytes(server.pid) - before };

  async function watch(clientPort: number) {
    for (const began = performance.now(); watching; await Bun.sleep(50)) {
      if (serverHolds(server.dialect.port, clientPort)) continue;
      // The load client itself closes at the end; by then `watching` has ended or the time is over.
      if (performance.now() - began < WINDOW_MS) cutAfterMs = performance.now() - began;
      return;
    }
  }
}
