import { describe, expect, test } from "bun:test";
import type { Step } from "#server/import/import-batch.ts";
import { NOBODY } from "#server/store/store.ts";
import { account, logOf, openEmpty, room } from "./open.ts";

/** What every store promises, whatever it keeps its record in. */
describe.each(["sqlite", "postgres"] as const)("on %s", (kind) => {
  test("many sends into many rooms are numbered without a gap, and told in that order", async () => {
    await using opened = await openEmpty(kind);
    const { store, send, told } = opened;
    const users = [await account(store), await account(store)] as const;
    const rooms: number[] = [];
    for (let made = 0; made < 9; made++) rooms.push(await room(store, users));
    const sends = Array.from({ length: 900 }, (_, at) =>
      send(rooms[at % 9] ?? 0, users[at % 2] ?? 0, at % 3 === 0 ? null : `nonce ${at}`, `text ${at}`),
    );
    const changes = rooms.map((roomId, at) =>
      store.write("change-room", { userId: users[0] }, { roomId, description: `changed ${at}` }),
    );
    const outcomes = await Promise.all(sends);
    await Promise.all(changes);
    await store.told();
    for (const roomId of rooms) {
      const seqs = told.flatMap((tell) => {
        if (tell.to === "message") return tell.roomId === roomId ? [tell.sent[1]] : [];
        return tell.to === "room" && tell.event.room_id === roomId ? [tell.event.seq] : [];
      });
      expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, at) => at + 1));
      expect(seqs).toHaveLength(103);
      const stored = await logOf(store, users[0], roomId);
      expect(stored.map((message) => message.n)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
      // In the order in which they were sent.
      const sent = outcomes.flatMap((outcome, at) =>
        rooms[at % 9] === roomId ? [`${Number(outcome[1])} text ${at}`] : [],
      );
      expect(stored.map((message) => `${message.seq} ${message.content}`)).toEqual(sent);
    }
  });

  test("the streams of the house and of a person are told without a gap, whoever writes at once", async () => {
    await using opened = await openEmpty(kind);
    const { store, told } = opened;
    const [ann, ben] = [await account(store), await account(store)];
    const rooms = await Promise.all(Array.from({ length: 12 }, () => room(store, [ann, ben])));
    await Promise.all(
      rooms.flatMap((roomId, at) => [
        store.write("change-room", { userId: ann }, { roomId, description: `changed ${at}` }),
        store.write("remove-member", { userId: ann }, { roomId, userId: ben }),
        store.write("add-members", { userId: ann }, { roomId, userIds: [ben] }),
      ]),
    );
    await store.told();
    const house = told.flatMap((tell) => (tell.to === "house" ? [tell.frame.version] : []));
    expect(house).toEqual(Array.from({ length: 24 }, (_, at) => (house[0] ?? 0) + at));
    const person = told.flatMap((tell) => (tell.to === "person" && tell.userId === ben ? [tell.frame.version] : []));
    expect(person).toEqual(Array.from({ length: 36 }, (_, at) => at + 1));
  });

  test("a nonce gives the first answer again, also beside itself, and refuses other content", async () => {
    await using opened = await openEmpty(kind);
    const { store, send, told } = opened;
    const ann = await account(store);
    const [here, there] = [await room(store, [ann]), await room(store, [ann])];
    const both = await Promise.all([send(here, ann, "once", "words"), send(here, ann, "once", "words")]);
    const [first] = both;
    expect(both[1]).toEqual([...(first as number[]).slice(0, 4), 1] as never);
    expect(await send(here, ann, "once", "words")).toEqual(both[1]);
    expect(await send(here, ann, "once", "other words")).toBe("nonce_reused");
    expect(await send(there, ann, "once", "words")).toBe("nonce_reused");
    const made = { name: "by nonce", nonce: "makes a room", setting: "everyone" as const };
    const [one, two] = [
      await store.write("create-room", { userId: ann }, made),
      await store.write("create-room", { userId: ann }, made),
    ];
    expect(two.id).toBe(one.id);
    expect(await send(here, ann, "makes a room", "words")).toBe("nonce_reused");
    expect(told.filter((tell) => tell.to === "message")).toHaveLength(1);
  });

  test("what is refused in a batch is refused alone", async () => {
    await using opened = await openEmpty(kind);
    const { store, send } = opened;
    const [ann, ben, cat] = [await account(store), await account(store), await account(store)];
    const open = await room(store, [ann, ben]);
    const hidden = await room(store, [ann], "private");
    await store.write("remove-member", { userId: ann }, { roomId: open, userId: ben });
    const quoted = 'back\\slash "quotes" {braces}, \n 上海 \u{1F600} NULL \'';
    const outcomes = await Promise.all([
      send(open, ann, 'no"n\\ce,{}', quoted),
      send(open, ben, "b", "removed"),
      send(open, cat, "c", "never joined"),
      send(hidden, cat, "d", "not to be seen"),
      send(999, ann, "e", "nowhere"),
      send(open, ann, "f", "NULL"),
    ]);
    expect(outcomes.map((outcome) => (typeof outcome === "string" ? outcome : "stored"))).toEqual([
      "stored",
      "removed",
      "not_member",
      "not_found",
      "not_found",
      "stored",
    ]);
    expect((await logOf(store, ann, open)).map((message) => message.content)).toEqual([quoted, "NULL"]);
  });

  test("an action that fails leaves nothing, and what stands beside it is kept", async () => {
    await using opened = await openEmpty(kind);
    const { store } = opened;
    const [ann, ben] = [await account(store), await account(store)];
    const taken = await room(store, [ann]);
    const { name } = await store.read("room", { userId: ann }, { roomId: taken });
    const outcomes = await Promise.allSettled([
      store.write("create-room", { userId: ann }, { name, setting: "everyone" }),
      store.write("add-members", { userId: ann }, { roomId: taken, userIds: [ben, 4_000] }),
      store.write("create-room", { userId: ann }, { name: `${name} too`, setting: "everyone" }),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["rejected", "rejected", "fulfilled"]);
    const { items } = await store.read("list-members", { userId: ann }, { roomId: taken, after: 0, limit: 10 });
    expect(items.map((member) => member.user_id)).toEqual([ann]);
  });

  test("of twenty who sign up at once on an empty server one is its admin", async () => {
    await using opened = await openEmpty(kind);
    const { store } = opened;
    await Promise.all(Array.from({ length: 20 }, () => account(store)));
    const { items } = await store.read("list-users", NOBODY, { after: 0, limit: 100, now: 0 });
    expect(items.filter((user) => user.role === "admin")).toHaveLength(1);
    expect(items).toHaveLength(20);
  });

  test("what is made after an import that kept its ids stands above them", async () => {
    await using opened = await openEmpty(kind);
    const { store, send } = opened;
    const from = { place: "elsewhere", usersPrint: "u", messagesPrint: null, keepsIds: true, state: "begun" };
    const { importId } = await store.write("begin-import", NOBODY, from);
    let step = 0;
    const bring = async (what: Step) => {
      await store.write("import-batch", NOBODY, { importId, step, state: "going on", bring: what });
      step += 1;
    };
    const person = {
      email: null,
      passwordHash: "none",
      role: "user",
      createdAt: 1,
      active: true,
      oldLogin: null,
    } as const;
    await bring({ kind: "users", users: [{ ...person, sourceId: "500", id: 500, username: "old", key: "old" }] });
    const there = { kind: "public", description: "", maker: 500, createdAt: 1 } as const;
    await bring({ kind: "rooms", rooms: [{ ...there, sourceId: "700", id: 700, name: "there", key: "there" }] });
    await bring({ kind: "members", rooms: [{ roomId: 700, userIds: [500], admin: 500, at: 1 }] });
    const said = { roomId: 700, userId: 500, texts: ["long ago"], at: 1 };
    await bring({
      kind: "messages",
      messages: [{ ...said, sourceId: "9000", id: 9_000 }],
      above: 9_000,
      remember: false,
      left: [],
      isLater: false,
    });
    await bring({ kind: "finish" });
    expect(await account(store)).toBe(501);
    expect(await room(store, [501])).toBe(701);
    expect(await send(700, 500, null, "now")).toEqual([9_001, 3, 2, expect.any(Number), 0]);
  });

  test("a cursor counts the room's own messages before it, wherever it stands among replies in threads", async () => {
    await using opened = await openEmpty(kind);
    const { store, send } = opened;
    const [ann, ben] = [await account(store), await account(store)];
    const roomId = await room(store, [ann, ben]);
    const [rootId] = (await send(roomId, ann, null, "what do we think?")) as number[];
    const reply = { roomId, rootId: rootId ?? 0, nonce: null, content: "a reply" };
    const [, inThread] = await store.write("send-in-thread", { userId: ann }, reply);
    const [, second] = (await send(roomId, ann, null, "another")) as number[];
    const [, last] = await store.write("send-in-thread", { userId: ann }, reply);
    for (const [seq, readN] of [
      [inThread, 1],
      [second ?? 0, 2],
      [last, 2],
    ] as const) {
      await store.write("mark-read", { userId: ben }, { roomId, seq });
      const { frame } = await store.read("my-rooms", { userId: ben }, { since: 0, from: 0 });
      expect(frame.rooms).toMatchObject([{ read_seq: seq, read_n: readN, counted_n: 2, mine: 0 }]);
    }
  });

  test("a nonce tells an answer from a plain message whose words end as the answer's place is written", async () => {
    await using opened = await openEmpty(kind);
    const { store, send } = opened;
    const ann = await account(store);
    const roomId = await room(store, [ann]);
    const [id = 0] = (await send(roomId, ann, null, "first")) as number[];
    await store.write("send-reply", { userId: ann }, { roomId, nonce: "a", content: "x", replyTo: id });
    expect(await send(roomId, ann, "a", `x\n${id}`)).toBe("nonce_reused");
    await store.write("send-in-thread", { userId: ann }, { roomId, rootId: id, nonce: "b", content: "x" });
    expect(await send(roomId, ann, "b", `x\n\nin ${id}`)).toBe("nonce_reused");
  });
});
