import { type Bench, repeat, startAll } from "../compare.ts";
import type { Server } from "../contestants/contestant.ts";
import { parlour } from "../contestants/parlour.ts";
import { bareBun, wsLoop } from "../contestants/plain.ts";
import { runLoad } from "../load.ts";
import { residentBytes, serverHolds } from "../machine.ts";
import type { Row } from "../result.ts";
import type { Scenario } from "./scenario.ts";

const place = { cores: "one", flushDelayMs: 0 } as const;
const shape = { rooms: 1, members: 100, senders: 4, inFlight: 1 };
const RATE = 2000;
/** The kernel's buffers take some megabytes before the server's own queue begins to grow. */
const CONTENT_BYTES = 1000;
const WINDOW_MS = 5000;

export const slowReader: Scenario = {
  name: "slow-reader",
  title: "Slow reader: one of 101 sockets stops reading",
  conditions: `open loop, ${RATE} messages/s of ${CONTENT_BYTES} bytes to 100 members; the figure is the neighbours' p99, with the slow one and without`,
  async run(bench) {
    const rows: Row[] = [];
    for (const { name, server } of await startAll(bench, [wsLoop, bareBun, parlour], place)) {
      try {
        for (const stalled of [0, 1]) rows.push(await neighbours(bench, name, server, stalled));
      } finally {
        await server.stop();
      }
    }
    return rows;
  },
};

function neighbours(bench: Bench, who: string, server: Server, stalled: number): Promise<Row> {
  const label = stalled > 0 ? "one does not read" : "all read";
  return repeat(bench, { shape: label, who, unit: "ms, send to last, p99" }, async () => {
    const { outcome, cutAfterMs, grown } = await send(server, stalled);
    const also: Row["also"] = { "server grew": `${(grown / 1e6).toFixed(1)} MB` };
    if (stalled > 0) {
      also.cut = cutAfterMs === null ? "never" : `after ${cutAfterMs.toFixed(0)} ms`;
      also["still got"] = `${((outcome.drained[0]?.bytes ?? 0) / 1024).toFixed(0)} KiB`;
    }
    return { outcome, figure: (window) => window.last.p99 / 1000, also };
  });
}

async function send(server: Server, stalled: number) {
  let watching = true;
  let watched: Promise<number | null> | undefined;
  const before = residentBytes(server.pid);
  const outcome = await runLoad({
    dialect: server.dialect,
    groups: await server.gather({ ...shape, stalled }),
    pid: server.pid,
    cores: place.cores,
    warmMs: 1000,
    windowMs: WINDOW_MS,
    rate: RATE,
    contentBytes: CONTENT_BYTES,
    onStalled(port) {
      watched = watch(port);
    },
  });
  watching = false;
  const cutAfterMs = (await watched) ?? null;
  return { outcome, cutAfterMs, grown: residentBytes(server.pid) - before };

  async function watch(clientPort: number): Promise<number | null> {
    for (const began = performance.now(); watching; await Bun.sleep(50)) {
      const passed = performance.now() - began;
      // Later than that it is the load client itself who ends the connection.
      if (passed > WINDOW_MS) return null;
      if (!serverHolds(server.dialect.port, clientPort)) return passed;
    }
    return null;
  }
}
