import { type Bench, repeat, startAll } from "../compare.ts";
import type { Server } from "../contestants/contestant.ts";
import { parlour } from "../contestants/parlour.ts";
import { runLoad } from "../load.ts";
import { milliseconds, type Row } from "../result.ts";
import type { Scenario } from "./scenario.ts";

const place = { cores: "one", flushDelayMs: 0 } as const;
const MESSAGES = 10_000_000;
const PAGES = 200;
const READERS = 4;
const SENDS = 2_000;
const thousands = (count: number) => count.toLocaleString("en");

export const history: Scenario = {
  name: "history",
  title: `History: pages of 50 at any depth of a room of ${thousands(MESSAGES)} messages`,
  conditions: `open loop, timed from the intended request; ${PAGES} pages a second over ${READERS} HTTP connections, and ${thousands(SENDS)} sends a second in another room; budget of a page: p99 < 5 ms`,
  async run(bench) {
    const rows: Row[] = [];
    for (const { name, server } of await startAll(bench, [parlour], place)) {
      try {
        bench.say(`history · ${name}: ${thousands(MESSAGES)} messages are written first`);
        rows.push(await read(bench, name, server, "pages, 100 sends/s", PAGES, 100));
        rows.push(await read(bench, name, server, "2,000 sends/s alone", 0, SENDS));
        rows.push(await read(bench, name, server, "pages, 2,000 sends/s", PAGES, SENDS));
      } finally {
        await server.stop();
      }
    }
    return rows;
  },
};

function read(bench: Bench, who: string, server: Server, shape: string, requestRate: number, rate: number) {
  const isRead = requestRate > 0;
  const unit = isRead ? "ms, a page, p99" : "ms, send to ack, p99";
  return repeat(bench, { shape, who, unit }, async () => {
    const readers = (await server.readers?.(READERS, MESSAGES)) ?? [];
    const outcome = await runLoad({
      dialect: server.dialect,
      groups: [...(await server.gather({ rooms: 1, members: 2, senders: 2, inFlight: 1 })), ...(isRead ? readers : [])],
      pid: server.pid,
      cores: place.cores,
      warmMs: bench.warmMs,
      windowMs: bench.openWindowMs,
      rate,
      requestRate,
    });
    const [window] = outcome.windows;
    const pages = window && isRead ? { "page p50 / p99 ms": pair(window.request) } : {};
    return { outcome, figure: ({ request, answer }) => (isRead ? request : answer).p99 / 1000, also: pages };
  });
}

const pair = ({ p50, p99 }: { p50: number; p99: number }) => `${milliseconds(p50)} / ${milliseconds(p99)}`;
