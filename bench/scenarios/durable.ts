import { type Bench, compare } from "../compare.ts";
import type { Place } from "../contestants/contestant.ts";
import { parlour, parlourOnPostgres } from "../contestants/parlour.ts";
import { bareBun, limitJoined } from "../contestants/plain.ts";
import type { Row } from "../result.ts";
import type { Scenario } from "./scenario.ts";

const one = { label: "2 senders, 1 in flight each", shape: { rooms: 1, members: 2, senders: 2, inFlight: 1 } };
const many = { label: "2 senders, 64 in flight each", shape: { rooms: 1, members: 2, senders: 2, inFlight: 64 } };

export const durable: Scenario = {
  name: "durable",
  title: "Durable sends: a room of 2, 100 bytes",
  conditions: "closed loop; every acknowledged message is committed and flushed, except by C, which stores nothing",
  async run(bench) {
    const alone = await sends(bench, { cores: "one", flushDelayMs: 0 }, [one, many], "server on one core");
    const free = await sends(bench, { cores: "all", flushDelayMs: 0 }, [many], "server and load client on both cores");
    return [...alone, ...free];
  },
};

export const slowDisk: Scenario = {
  name: "slow-disk",
  title: "Durable sends where a flush takes 5 ms",
  conditions: "the same with 5 ms added to every fdatasync and fsync of the server by strace",
  async run(bench) {
    if (!Bun.which("strace")) throw new Error("strace is not installed, and it is what delays the flushes");
    return sends(bench, { cores: "one", flushDelayMs: 5 }, [one, many], "server on one core");
  },
};

async function sends(bench: Bench, place: Place, shapes: (typeof one)[], where: string): Promise<Row[]> {
  const title = place.flushDelayMs > 0 ? `flush ${place.flushDelayMs} ms` : `durable, ${where}`;
  const stores = place.flushDelayMs > 0 ? [bareBun, parlour] : [limitJoined, bareBun, parlour, parlourOnPostgres];
  const rows = await compare(bench, {
    title,
    place,
    contestants: stores,
    limit: limitJoined,
    bare: bareBun,
    shapes,
    unit: "messages/s",
    figure: (window) => window.answers / window.seconds,
  });
  return rows.map((row) => ({ ...row, shape: `${row.shape}, ${where}` }));
}
