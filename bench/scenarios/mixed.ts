import { type Bench, repeat, startAll } from "../compare.ts";
import type { Server } from "../contestants/contestant.ts";
import { parlour } from "../contestants/parlour.ts";
import { runLoad, type Window } from "../load.ts";
import { milliseconds, type Row } from "../result.ts";
import type { Scenario } from "./scenario.ts";

const place = { cores: "one", flushDelayMs: 0 } as const;
const shape = { rooms: 8, members: 2, senders: 2, inFlight: 1 };
const RATE = 20_000;
const REQUESTS = 1_000;
const CALLERS = 16;
const thousands = (count: number) => count.toLocaleString("en");

export const mixed: Scenario = {
  name: "mixed",
  title: `Mixed: ${thousands(RATE)} sends a second beside ${thousands(REQUESTS)} joins, leaves and room changes`,
  conditions: `open loop, timed from the intended send; sends over 16 sockets in 8 rooms, the others over ${CALLERS} HTTP connections`,
  async run(bench) {
    const rows: Row[] = [];
    for (const { name, server } of await startAll(bench, [parlour], place)) {
      try {
        for (const requestRate of [0, REQUESTS]) rows.push(await acknowledged(bench, name, server, requestRate));
      } finally {
        await server.stop();
      }
    }
    return rows;
  },
};

function acknowledged(bench: Bench, who: string, server: Server, requestRate: number): Promise<Row> {
  const label = requestRate > 0 ? "sends and requests" : "sends alone";
  return repeat(bench, { shape: label, who, unit: "ms, send to ack, p99" }, async () => {
    const callers = requestRate > 0 ? ((await server.callers?.(CALLERS)) ?? []) : [];
    const outcome = await runLoad({
      dialect: server.dialect,
      groups: [...(await server.gather(shape)), ...callers],
      pid: server.pid,
      cores: place.cores,
      warmMs: bench.warmMs,
      windowMs: bench.openWindowMs,
      rate: RATE,
      requestRate,
    });
    const [window] = outcome.windows;
    return { outcome, figure: ({ answer }) => answer.p99 / 1000, also: window ? rates(window) : {} };
  });
}

function rates(window: Window): Row["also"] {
  const acks: Row["also"] = { "acks/s": Math.round(window.answers / window.seconds) };
  if (window.request.count === 0) return acks;
  return {
    ...acks,
    "requests/s": Math.round(window.request.count / window.seconds),
    "request p50 / p99 ms": `${milliseconds(window.request.p50)} / ${milliseconds(window.request.p99)}`,
  };
}
