import type { Message } from "#shared/models.ts";
import { eventually } from "#tests/support/eventually.ts";
import type { Person } from "#tests/support/people.ts";
import type { HistoryEntry } from "../fuzz/check-history.ts";
import type { Talker } from "./talker.ts";
import { idOf } from "./told.ts";

const SETTLED_WITHIN = 90_000;

/** Waits until all that was sent is answered, and everybody has all of every room they show. */
export async function settled(talkers: readonly Talker[], reader: Person, rooms: readonly number[]): Promise<void> {
  const ns = new Map<number, number>();
  await eventually(async () => {
    for (const room of rooms) ns.set(room, (await reader.api.messages(room, { limit: 1 })).n);
    const late = talkers.filter((talker) =>
      [...talker.chat.replica.logs.keys()].some((room) => !talker.hasAll(room, ns.get(room) ?? 0)),
    );
    const unanswered = talkers.filter((talker) => talker.unanswered > 0);
    if (late.length + unanswered.length === 0) return;
    await Bun.sleep(200);
    throw new Error(
      `Not at rest: ${late.map(({ name }) => name)}; not answered: ${unanswered.map(({ name }) => name)}`,
    );
  }, SETTLED_WITHIN);
}

/** Every room from its beginning, as a node answers it by pages. */
export async function readAll(reader: Person, node: string, rooms: readonly number[], history: HistoryEntry[]) {
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
    history.push({ op: "read", p: node, room, node, t0, t: performance.now(), final: true, items });
    read.push({ reader: node, room, messages });
  }
  return read;
}
