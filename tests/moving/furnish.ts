import { NOBODY, type Store } from "#server/store/store.ts";
import { account, room } from "#tests/store/open.ts";

const TEXTS = [
  "plain",
  'with "quotes" and \\ and {braces}',
  "two\nlines\tand a tab",
  "日本語 🍰 é",
  "NULL",
  "",
  "\u007f\u2028",
];

/** People, rooms of each kind, many messages, some who left, an invite or two: something in most of the tables. */
export async function furnish(store: Store, messages: number): Promise<void> {
  const users: number[] = [];
  for (let at = 0; at < 20; at++) users.push(await account(store));
  const rooms: number[] = [];
  for (let at = 0; at < 6; at++) rooms.push(await room(store, users.slice(at, at + 10), at % 2 ? "private" : "public"));
  for (const userId of users.slice(0, 5)) {
    await store.write("start-session", NOBODY, {
      userId,
      sessionId: `session ${userId}`,
      client: "test",
      proven: null,
      rehash: null,
    });
  }
  const link = { name: "person", makesAdmin: true, tokenHash: "a hash" };
  await store.write("make-password-link", NOBODY, { ...link, name: "an admin" });
  await store.write("leave-room", { userId: users[3] ?? 0 }, { roomId: rooms[0] ?? 0 });
  const [owner = 0, other = 0] = users;
  await store.write("block", { userId: owner }, { userId: other });
  await store.write("ban", { userId: owner }, { roomId: rooms[0] ?? 0, user_id: users[19] ?? 0, reason: "a reason" });
  await store.write("set-apart", { userId: owner }, { roomId: rooms[0] ?? 0, favourite: true });
  await say(store, users.slice(5, 10), rooms.slice(0, 5), messages);
  const by = { userId: users[5] ?? 0 };
  const roomId = rooms[0] ?? 0;
  const { items } = await store.read("page", by, { roomId, place: { from: "newest" }, limit: 1 });
  const id = items[0]?.id ?? 0;
  await store.write("follow", by, { roomId, rootId: id, on: true });
  await store.write("pin", { userId: users[0] ?? 0 }, { roomId, id, on: true });
  await store.write("save-message", by, { id });
  await store.write("keep-draft", by, { roomId, content: "not finished" });
  await store.write("schedule", by, { roomId, content: "for later", at: Date.now() + 86_400_000 });
}

export async function say(
  store: Store,
  users: readonly number[],
  rooms: readonly number[],
  count: number,
  name = "nonce",
) {
  const waiting: Promise<void>[] = [];
  for (let at = 0; at < count; at++) {
    const roomId = rooms[at % rooms.length] ?? 0;
    const userId = users[(at >> 3) % users.length] ?? 0;
    const content = `${at} ${TEXTS[at % TEXTS.length]}`;
    waiting.push(
      new Promise((resolve, reject) => {
        const answer = (outcome: unknown) => {
          if (typeof outcome === "string") reject(new Error(`A send was refused: ${outcome}`));
          else resolve();
        };
        store.send(roomId, userId, JSON.stringify(`${name} ${at}`), JSON.stringify(content), {
          answer,
          tell: () => {},
        });
      }),
    );
    if (waiting.length >= 4_000) await Promise.all(waiting.splice(0));
  }
  await Promise.all(waiting);
}
