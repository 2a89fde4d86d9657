import { type Bench, startAll } from "../compare.ts";
import type { Contestant, Server } from "../contestants/contestant.ts";
import { parlour } from "../contestants/parlour.ts";
import { bareBun, wsLoop } from "../contestants/plain.ts";
import { holdSockets } from "../load.ts";
import { residentBytes } from "../machine.ts";
import type { Row } from "../result.ts";
import type { Scenario } from "./scenario.ts";

const place = { cores: "one", flushDelayMs: 0 } as const;
const SOCKETS = 10_000;
const FIRST = 500;
const ROOMS = 20;
const SETTLES_MS = 4000;

export const idle: Scenario = {
  name: "idle",
  title: `Idle: ${SOCKETS.toLocaleString("en")} sockets, each a member of ${ROOMS} rooms`,
  conditions: `growth of the server's RSS from ${FIRST} sockets opened and closed to all of them open; no forced collection; the kernel's own memory is not in it`,
  async run(bench) {
    const rows: Row[] = [];
    for (const contestant of [wsLoop, bareBun, parlour]) rows.push(await hold(bench, contestant));
    return rows.filter((row) => row.runs.length + row.faults.length > 0);
  },
};

/** A fresh server each round: memory once asked for is not given back, and would make the next round look free. */
async function hold(bench: Bench, contestant: Contestant): Promise<Row> {
  const shape = `${ROOMS} rooms`;
  const row: Row = { shape, who: contestant.name, unit: "bytes RSS a socket", runs: [], also: {}, faults: [] };
  for (let round = 1; round <= bench.wanted; round++) {
    for (const { name, server } of await startAll(bench, [contestant], place)) {
      try {
        const { each, empty, openedIn } = await weigh(server);
        row.runs.push(each);
        row.also = { "RSS before": `${(empty / 1e6).toFixed(0)} MB`, "opened in": `${openedIn.toFixed(1)} s` };
        bench.say(`idle · run ${round}/${bench.wanted} · ${name}: ${each.toFixed(0)} bytes a socket`);
      } catch (error) {
        row.faults.push(error instanceof Error ? error.message : String(error));
        bench.say(`idle · ${name}: ${row.faults.at(-1)}`);
      } finally {
        await server.stop();
      }
    }
  }
  return row;
}

async function weigh(server: Server) {
  const common = { dialect: server.dialect, pid: server.pid, cores: place.cores, warmMs: 0, windowMs: 0 };
  const empty = residentBytes(server.pid);
  const first = await holdSockets({ ...common, groups: await server.idlers(FIRST, ROOMS) });
  await first.release();
  await Bun.sleep(SETTLES_MS);
  const before = residentBytes(server.pid);
  const groups = await server.idlers(SOCKETS, ROOMS);
  const began = performance.now();
  const all = await holdSockets({ ...common, groups });
  const openedIn = (performance.now() - began) / 1000;
  await Bun.sleep(SETTLES_MS);
  const each = (residentBytes(server.pid) - before) / SOCKETS;
  await all.release();
  return { each, empty, openedIn };
}
