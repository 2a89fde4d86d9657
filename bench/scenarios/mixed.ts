import { describeWindows, faultsOf, startAll } from "../compare.ts";
import { parlour } from "../contestants/parlour.ts";
import { runLoad } from "../load.ts";
import { milliseconds, type Row } from "../result.ts";
import type { Scenario } from "./scenario.ts";

const place = { cores: "one", flushDelayMs: 0 } as const;
const shape = { rooms: 8, members: 2, senders: 2, inFlight: 1 };
const RATE = 20_000;
const REQUESTS = 1_000;
const CALLERS = 16;

export const mixed: Scenario = {
  name: "mixed",
  title: `Mixed: ${RATE.toLocaleString("en")} sends a second beside ${REQUESTS.toLocaleString("en")} joins, leaves and room changes`,
  conditions:
    "open loop; sends over 16 sockets in 8 rooms, the others over 16 HTTP connections; both timed from the intended send",
  async run(bench) {
    const rows: Row[] = [];
    for (const { name, server } of await startAll(bench, [parlour], place)) {
      try {
        for (const requestRate of [0, REQUESTS]) {
          const label = requestRate > 0 ? "sends and requests" : "sends alone";
          const row: Row = { shape: label, who: name, unit: "ms, send to ack, p99", runs: [], also: {}, faults: [] };
          for (let round = 1; round <= bench.rounds; round++) {
            const callers = requestRate > 0 ? ((await server.callers?.(CALLERS)) ?? []) : [];
            const outcome = await runLoad({
              dialect: server.dialect,
              groups: [...(await server.gather(shape)), ...callers],
              pid: server.pid,
              cores: place.cores,
              warmMs: bench.warmMs,
              windowMs: bench.windowMs,
              rate: RATE,
              requestRate,
            });
            const faults = faultsOf(outcome);
            const [window] = outcome.windows;
            row.faults.push(...faults);
            if (!window) continue;
            if (faults.length === 0) row.runs.push(window.answer.p99 / 1000);
            row.also = { ...describeWindows([window]), "acks/s": Math.round(window.answers / window.seconds) };
            if (requestRate > 0) {
              row.also["requests/s"] = Math.round(window.request.count / window.seconds);
              row.also["request p50 / p99 ms"] =
                `${milliseconds(window.request.p50)} / ${milliseconds(window.request.p99)}`;
            }
            bench.say(`mixed · ${label} · run ${round}/${bench.rounds} · ${name}: p99 ${row.runs.at(-1)} ms`);
          }
          rows.push(row);
        }
      } finally {
        await server.stop();
      }
    }
    return rows;
  },
};
