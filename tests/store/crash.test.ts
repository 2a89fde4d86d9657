import { expect, test } from "bun:test";
import type { Refusal } from "#shared/errors.ts";
import { eventually } from "#tests/support/eventually.ts";
import { lateAnswers } from "#tests/support/late-answers.ts";
import { startPostgres } from "#tests/support/postgres.ts";
import { openStored } from "#tests/support/stored.ts";
import { account, logOf, openAt, room } from "./open.ts";

const CRASHES = Number(process.env.PARLOUR_TEST_CRASHES ?? 6);

/** What an actor was told of one action. */
interface Told {
  what: string;
  outcome: "done" | "unavailable" | "unknown";
}

test("a database that crashes again and again has every action that was acknowledged, once, and none that was refused", async () => {
  const postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  await using opened = await openAt(databaseUrl);
  const { store } = opened;
  const ann = await account(store);
  const rooms: number[] = [];
  for (let made = 0; made < 8; made++) rooms.push(await room(store, [ann]));
  const told: Told[] = [];
  let going = true;
  const attempt = async (what: string, write: () => Promise<unknown>) => {
    const outcome = await write().then(
      () => "done" as const,
      (error: { code: Told["outcome"] }) => error.code,
    );
    told.push({ what, outcome });
    if (outcome !== "done") await Bun.sleep(5);
  };
  const speaking = rooms.map(async (roomId) => {
    for (let at = 0; going; at++) {
      // Not in a batch: a send that may call somebody is an action of its own.
      const content = `@everybody ${roomId} ${at}`;
      await attempt(content, () =>
        store.write(
          "send-reply",
          { userId: ann },
          { roomId, nonce: at % 2 ? content : null, content, replyTo: undefined },
        ),
      );
    }
  });
  const joining = (async () => {
    for (let at = 0; going; at++) {
      const name = `made ${at}`;
      await attempt(name, () => store.write("create-room", { userId: ann }, { name, setting: "everyone" }));
    }
  })();
  for (let crash = 0; crash < CRASHES; crash++) {
    const before = told.filter(({ outcome }) => outcome === "done").length;
    while (told.filter(({ outcome }) => outcome === "done").length < before + 40) await Bun.sleep(5);
    await Bun.sleep(Math.random() * 40);
    await postgres.own?.stop("immediate");
    await postgres.own?.start();
  }
  going = false;
  await Promise.all([...speaking, joining]);
  const rows = await written(databaseUrl);
  for (const roomId of rooms) {
    const numbers = rows.filter(({ room, n }) => room === roomId && n > 0).map(({ n }) => n);
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  }
  const stored = rows.map(({ what }) => what);
  const those = (outcome: Told["outcome"]) => told.filter((each) => each.outcome === outcome).map(({ what }) => what);
  const isStored = new Set(stored);
  expect(stored.length).toBe(isStored.size);
  expect(those("done").filter((what) => !isStored.has(what))).toEqual([]);
  expect(those("unavailable").filter((what) => isStored.has(what))).toEqual([]);
  expect(those("unknown")).toEqual([]);
  expect(new Set(told.map(({ outcome }) => outcome))).toEqual(new Set(["done", "unavailable"]));
}, 120_000);

async function written(databaseUrl: string) {
  await using stored = await openStored({ dataDir: "", databaseUrl });
  return await stored.rows<{ room: number; n: number; what: string }>(
    `SELECT room_id AS room, n, content AS what FROM messages
      UNION ALL SELECT id, 0, name FROM rooms WHERE name LIKE 'made %' ORDER BY room, n`,
  );
}

test("what was under way when the database went for good is unknown, not unavailable, and its nonce finds it later", async () => {
  const postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  const late = await lateAnswers(databaseUrl, /send_batch|COMMIT(?!TED)/, 60_000);
  const before = await openAt(databaseUrl);
  const ann = await account(before.store);
  const [one, two] = [await room(before.store, [ann]), await room(before.store, [ann])];
  const opened = await openAt(late.url);
  const sent = opened.send(one, ann, "one", "committed, and nobody heard");
  const reply = { roomId: two, nonce: "two", content: "@you as well", replyTo: undefined };
  const said = opened.store.write("send-reply", { userId: ann }, reply).catch((error: Refusal) => error.code);
  await eventually(async () => {
    for (const id of [one, two]) expect(await logOf(before.store, ann, id)).toHaveLength(1);
  });
  await postgres.own?.stop("immediate");
  await late[Symbol.asyncDispose]();
  // A server that stops cannot wait for the database.
  await opened[Symbol.asyncDispose]();
  expect([await sent, await said]).toEqual(["unknown", "unknown"]);
  await postgres.own?.start();
  const found = [expect.any(Number), 2, 1, expect.any(Number), 1];
  await eventually(async () => {
    expect(await before.send(one, ann, "one", "committed, and nobody heard")).toMatchObject(found);
    expect(await before.store.write("send-reply", { userId: ann }, reply)).toMatchObject(found);
  });
  for (const id of [one, two]) expect(await logOf(before.store, ann, id)).toHaveLength(1);
  await before[Symbol.asyncDispose]();
}, 60_000);
