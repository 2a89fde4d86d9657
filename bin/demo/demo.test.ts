import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "#client/api.ts";
import { Chat } from "#client/chat.ts";
import { systemClock } from "#client/clock.ts";
import { systemRandom } from "#client/nonce.ts";
import { tokenSession } from "#client/session.ts";
import { browserSocket } from "#client/socket.ts";
import { contentFault } from "#shared/text.ts";
import { eventually } from "#tests/support/eventually.ts";
import { memoryQueue } from "#tests/support/people.ts";
import { startTestServer } from "#tests/support/start-server.ts";
import { parseTalk, type RoomTalk } from "./parse-talk.ts";
import { PEOPLE, planDemo } from "./plan.ts";
import { PASSWORD, readTalks, seedDemo } from "./seed.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "parlour-demo-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

test("a talk has its room, its people, silences, and messages of several lines", () => {
  const talk = parseTalk(
    [
      "room: Attic",
      "about: Dust.",
      "by: alice",
      "with: bob, dan",
      "unread: bob 1",
      "",
      "== 2 days ago, 09:05",
      "alice: Look:",
      "  - a box",
      "",
      "  - a bat",
      "+ 🦇 bob, dan",
      "> dan: Its name is Ed.",
      "! alice",
      "-- 1h 5m",
      "bob: a bat?",
      "",
      "== ends 9m ago",
      "dan: Where?",
    ].join("\n"),
  );
  expect(talk).toEqual({
    name: "Attic",
    about: "Dust.",
    kind: "public",
    by: "alice",
    with: ["bob", "dan"],
    unread: new Map([["bob", 1]]),
    parts: [
      {
        when: { daysAgo: 2, hour: 9, minute: 5 },
        said: [
          {
            who: "alice",
            text: "Look:\n- a box\n\n- a bat",
            pause: 0,
            answers: [
              { kind: "react", emoji: "🦇", who: ["bob", "dan"] },
              { kind: "reply", who: "dan", text: "Its name is Ed." },
              { kind: "pin", who: "alice" },
            ],
          },
          { who: "bob", text: "a bat?", pause: 65, answers: [] },
        ],
      },
      { when: { endsMinutesAgo: 9 }, said: [{ who: "dan", text: "Where?", pause: 0, answers: [] }] },
    ],
  });
});

test("a line that is nobody's is refused, and named", () => {
  const head = "room: Attic\nabout: Dust.\nby: alice\nwith: bob\n\n== 2 days ago, 09:05\n";
  expect(() => parseTalk(`${head}Alice said hello`)).toThrow('"Alice said hello" is not a message');
  expect(() => parseTalk(`${head}alice: hello\n+ 🦇`)).toThrow('"+ 🦇" does nothing with a message');
  expect(() => parseTalk(head.replace("2 days ago", "tomorrow"))).toThrow('"== tomorrow, 09:05" is no time');
});

test("whoever speaks is known and in the room, and nobody has their own words unread", async () => {
  for (const talk of await readTalks()) {
    const here = [talk.by, ...talk.with];
    expect(PEOPLE).toEqual(expect.arrayContaining(here));
    const said = talk.parts.flatMap((part) => part.said);
    for (const one of said.flatMap(({ answers, ...first }) => [first, ...answers])) {
      expect(here).toEqual(expect.arrayContaining([one.who].flat()));
      if ("text" in one) expect(contentFault(one.text)).toBeNull();
    }
    for (const [who, unread] of talk.unread) {
      expect(here).toContain(who);
      expect(said.slice(-unread).map((one) => one.who)).not.toContain(who);
    }
  }
});

test("at any hour of the day the talk lies in the past, and each room's in the order of its file", async () => {
  const talks = await readTalks();
  for (let minutes = 0; minutes < 48 * 60; minutes += 29) {
    const now = new Date(2026, 2, 28, 0, minutes).getTime();
    const deeds = planDemo(talks, now);
    expect(deeds.filter((deed) => deed.at > now)).toEqual([]);
    for (const talk of talks) {
      const planned = deeds.flatMap((deed) => (deed.kind === "say" && deed.room === talk ? [deed.text] : []));
      expect(planned).toEqual(textsOf(talk));
    }
  }
});

test("a made demo holds the whole talk in order, read as far as was meant, and lets the people in", async () => {
  const now = Date.now();
  const talks = await readTalks();
  const seeded = await seedDemo({ dataDir, now });
  expect(seeded).toEqual({ rooms: talks.length, messages: talks.flatMap(textsOf).length });
  expect(seeded.rooms).toBeGreaterThanOrEqual(5);
  expect(seeded.messages).toBeGreaterThanOrEqual(250);

  await using server = await startTestServer({ DATA_DIR: dataDir });
  for (const who of PEOPLE) {
    const { api, chat } = logIn(server.url, who);
    expect(await api.me()).toMatchObject({ username: who, role: who === "alice" ? "admin" : "user" });
    expect((await api.sessions()).items).toHaveLength(1);

    const mine = talks.filter((talk) => [talk.by, ...talk.with].includes(who));
    const unread = mine.map((talk) => [talk.name, talk.unread.get(who) ?? 0]).sort();
    chat.start();
    await eventually(() => expect(chat.rooms().map((row) => [row.room.name, row.unread])).toEqual(unread));
    const visible = talks.filter((talk) => talk.kind === "public" || mine.includes(talk));
    expect((await api.rooms()).items.map((room) => room.name).sort()).toEqual(visible.map((talk) => talk.name).sort());

    for (const { room } of chat.rooms()) {
      const { items } = await api.messages(room.id, { after: 0, limit: 100 });
      expect(items.map((message) => message.content)).toEqual(
        talks.filter(({ name }) => name === room.name).flatMap(textsOf),
      );
      const times = items.map((message) => message.timestamp);
      expect(times).toEqual(times.toSorted());
      expect(times.at(-1)! < new Date(now).toISOString()).toBe(true);
    }
    chat.stop();
  }
});

function textsOf(talk: RoomTalk): string[] {
  return talk.parts.flatMap((part) => part.said.map((one) => one.text));
}

function logIn(base: string, username: string) {
  const caller = { base, fetch, clock: systemClock };
  const from = { username, password: PASSWORD };
  const session = tokenSession({ ...caller, random: systemRandom, from });
  const more = { openSocket: browserSocket, random: systemRandom, queue: memoryQueue() };
  return { api: createApi({ ...caller, session }), chat: new Chat({ ...caller, ...more, session }) };
}
