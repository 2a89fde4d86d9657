import type { Message } from "#shared/models.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import type { HistoryEntry } from "../fuzz/check-history.ts";
import { Flooder } from "./flooder.ts";
import { type Judgement, judge } from "./judge.ts";
import { KillableServer } from "./killable-server.ts";
import { readStored } from "./read-file.ts";
import { Talker } from "./talker.ts";
import { idOf } from "./told.ts";

export interface Season {
  kills: number;
  /** How many sends had no answer at the moments of the kills. */
  unanswered: number;
  /** Sends that a cut left without an answer, and which were asked again. */
  askedAgain: number;
  judgement: Judgement;
}

const SETTLED_WITHIN = 60_000;

/** A server of its own and a flood, and so many kills in the middle of it, each with sends without an answer. */
export async function season(wishes: { kills: number; isOver?: () => boolean }): Promise<Season> {
  await using server = await KillableServer.start();
  const { everybody, rooms } = await furnish(server.url);
  const [ann, ben, cat, dan] = everybody;
  const history: HistoryEntry[] = [];
  const places = Object.fromEntries(
    await Promise.all(rooms.map(async (id) => [id, await ann.api.messages(id, { limit: 1 })] as const)),
  );
  const talkers = [
    new Talker("cat's-phone", cat, server.url, rooms, history),
    new Talker("dan's-phone", dan, server.url, rooms, history),
  ];
  const writers = [...talkers, ...[ann, ben, cat].map((each) => new Flooder(each, server.url, places, history))];
  try {
    const { kills, unanswered } = await killAgainAndAgain(server, writers, wishes);
    const idle = () => writers.filter(({ acknowledged }) => acknowledged === 0).map(({ name }) => name);
    await until(
      () => idle().length === 0,
      () => `After the last kill nothing was answered to ${idle().join(", ")}.`,
    );
    for (const writer of writers) writer.rest();
    await settled(writers, ann, rooms);
    const pages = (await Promise.all(everybody.map((reader) => readAll(reader, rooms, history)))).flat();
    const replicas = talkers.flatMap(({ name, chat }) =>
      rooms.map((room) => ({ device: name, room, messages: chat.replica.logs.get(room)?.messages ?? [] })),
    );
    await server.stop();
    const complaints = writers.flatMap(({ faults }) => faults);
    const judgement = judge({ history, pages, replicas, stored: readStored(server.file), complaints });
    const askedAgain = writers.reduce((sum, writer) => sum + writer.everUnknown.size, 0);
    return { kills, unanswered, askedAgain, judgement };
  } finally {
    for (const writer of writers) writer.end();
  }
}

/** One public and one private room, and everybody in both. */
async function furnish(url: string) {
  const everybody = await people(url, "ann", "ben", "cat", "dan");
  const [ann, ...others] = everybody;
  const hall = await ann.api.createRoom({ name: "hall" });
  const attic = await ann.api.createRoom({ name: "attic", kind: "private" });
  for (const { api } of others) await api.joinRoom(hall.id);
  await ann.api.addMembers(
    attic.id,
    others.map(({ id }) => id),
  );
  return { everybody, rooms: [hall.id, attic.id] };
}

async function killAgainAndAgain(
  server: KillableServer,
  writers: readonly (Talker | Flooder)[],
  { kills: most, isOver = () => false }: { kills: number; isOver?: () => boolean },
) {
  const waiting = () => writers.reduce((sum, writer) => sum + writer.unanswered, 0);
  let kills = 0;
  let unanswered = 0;
  while (kills < most && !isOver()) {
    await until(
      () => writers.some((writer) => writer.acknowledged > 0),
      () => "Nobody was answered after a kill.",
    );
    await Bun.sleep(Math.random() * 400);
    await until(
      () => waiting() > 0,
      () => "Nobody waits for an answer.",
    );
    unanswered += waiting();
    kills += 1;
    await server.kill();
    // What a start mends must be mendable by the next one, too.
    if (kills % 3 === 0) await killWhileStarting(server);
    await server.start();
  }
  return { kills, unanswered };
}

async function killWhileStarting(server: KillableServer): Promise<void> {
  const starting = server.start().catch(() => {});
  await Bun.sleep(50 + Math.random() * 250);
  await server.kill();
  await starting;
}

async function settled(writers: readonly (Talker | Flooder)[], reader: Person, rooms: readonly number[]) {
  await eventually(async () => {
    for (const room of rooms) {
      const { n } = await reader.api.messages(room, { limit: 1 });
      const late = writers.filter((writer) => !writer.hasAll(room, n)).map(({ name }) => name);
      if (late.length > 0) throw new Error(`Not everything came to rest in room ${room}: ${late.join(", ")}.`);
    }
  }, SETTLED_WITHIN);
}

async function readAll(reader: Person, rooms: readonly number[], history: HistoryEntry[]) {
  const read: { reader: string; room: number; messages: Message[] }[] = [];
  for (const room of rooms) {
    const t0 = performance.now();
    const messages: Message[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page = await reader.api.messages(room, { after, limit: 100 });
      messages.push(...page.items);
      after = page.after;
    }
    const items = messages.map(({ n, content }) => [n, idOf(content)] as const);
    const p = reader.username;
    history.push({ op: "read", p, room, node: "server", t0, t: performance.now(), final: true, items });
    read.push({ reader: p, room, messages });
  }
  return read;
}

async function until(done: () => boolean, otherwise: () => string): Promise<void> {
  await eventually(() => {
    if (!done()) throw new Error(otherwise());
  }, SETTLED_WITHIN);
}
