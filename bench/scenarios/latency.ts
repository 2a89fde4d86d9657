import { type Bench, describeWindows, faultsOf, startAll } from "../compare.ts";
import type { Server } from "../contestants/contestant.ts";
import { parlour } from "../contestants/parlour.ts";
import { bareBun, limitJoined } from "../contestants/plain.ts";
import { runLoad, type Window } from "../load.ts";
import { type Row, short } from "../result.ts";
import type { Scenario } from "./scenario.ts";

const place = { cores: "one", flushDelayMs: 0 } as const;
const shape = { rooms: 1, members: 1000, senders: 4, inFlight: 8 };

export const latency: Scenario = {
  name: "latency",
  title: "Latency: one room of 1,000, at half of the highest rate",
  conditions:
    "open loop at half of what the same server reached in a closed loop just before; timed from the intended send",
  async run(bench) {
    const rows: Row[] = [];
    for (const { name, server } of await startAll(bench, [limitJoined, bareBun, parlour], place)) {
      try {
        rows.push(await atHalf(bench, name, server));
      } finally {
        await server.stop();
      }
    }
    return rows;
  },
};

async function atHalf(bench: Bench, who: string, server: Server): Promise<Row> {
  const most = await send(bench, server, 0);
  const highest = most.windows[0] ? most.windows[0].answers / most.windows[0].seconds : 0;
  const windows: Window[] = [];
  const faults = [...most.faults];
  for (let round = 1; round <= bench.rounds; round++) {
    const run = await send(bench, server, highest / 2);
    const found = faultsOf(run);
    faults.push(...found);
    if (found.length === 0) windows.push(...run.windows);
    bench.say(`latency · run ${round}/${bench.rounds} · ${who}: last p99 ${run.windows[0]?.last.p99} µs`);
  }
  return {
    shape: `half of ${short(highest)} messages/s`,
    who,
    unit: "ms, send to last of 1,000, p99",
    runs: windows.map((window) => window.last.p99 / 1000),
    also: windows.length > 0 ? describeWindows(windows) : {},
    faults,
  };
}

async function send(bench: Bench, server: Server, rate: number) {
  const { warmMs, windowMs } = bench;
  const groups = await server.gather(shape);
  return runLoad({ dialect: server.dialect, groups, pid: server.pid, cores: place.cores, warmMs, windowMs, rate });
}
