import { type Bench, repeat, startAll } from "../compare.ts";
import type { Server } from "../contestants/contestant.ts";
import { parlour } from "../contestants/parlour.ts";
import { bareBun, limitJoined } from "../contestants/plain.ts";
import { runLoad } from "../load.ts";
import { type Row, short } from "../result.ts";
import type { Scenario } from "./scenario.ts";

const place = { cores: "one", flushDelayMs: 0 } as const;
const shape = { rooms: 1, members: 1000, senders: 4, inFlight: 8 };
const RATE = 1000;

export const latency: Scenario = {
  name: "latency",
  title: "Latency: one room of 1,000",
  conditions: `open loop, timed from the intended send: at ${RATE} messages/s for everyone, and at half of what the same server reached in a closed loop just before`,
  async run(bench) {
    const rows: Row[] = [];
    for (const { name, server } of await startAll(bench, [limitJoined, bareBun, parlour], place)) {
      try {
        rows.push(await timed(bench, name, server, RATE, `${RATE} messages/s`));
        const closed = await send(bench, server, 0);
        const most = closed.windows[0] ? closed.windows[0].answers / closed.windows[0].seconds : 0;
        rows.push(await timed(bench, name, server, most / 2, `half of ${short(most)} messages/s`));
      } finally {
        await server.stop();
      }
    }
    return rows.toSorted((a, b) => Number(a.shape.startsWith("half")) - Number(b.shape.startsWith("half")));
  },
};

function timed(bench: Bench, who: string, server: Server, rate: number, label: string): Promise<Row> {
  return repeat(bench, { shape: label, who, unit: "ms, send to last of 1,000, p99" }, async () => ({
    outcome: await send(bench, server, rate),
    figure: (window) => window.last.p99 / 1000,
  }));
}

async function send(bench: Bench, server: Server, rate: number) {
  const { warmMs, openWindowMs: windowMs } = bench;
  const groups = await server.gather(shape);
  return runLoad({ dialect: server.dialect, groups, pid: server.pid, cores: place.cores, warmMs, windowMs, rate });
}
