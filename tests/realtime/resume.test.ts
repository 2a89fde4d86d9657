import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { applyEvent, applyMyRooms } from "#shared/apply-event.ts";
import { limits } from "#shared/limits.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { heldWriter } from "#tests/support/held-writer.ts";
import { type Person, people, person } from "#tests/support/people.ts";
import { type Heard, RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let ann: Person;
let ben: Person;
let author: RawSocket;
let epoch = "";

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [ann, ben] = await people(server.url, "ann", "ben");
  author = await RawSocket.ready(server.url, await ann.token());
  epoch = (await author.hears("welcome")).epoch;
});
afterAll(() => server[Symbol.asyncDispose]());

/** A room of ann's where ben is a member: his joining is seq 2. */
async function roomOfBoth(name: string, kind: "public" | "private" = "public"): Promise<number> {
  const { id } = await ann.api.createRoom({ name, kind });
  await ann.api.addMembers(id, [ben.id]);
  return id;
}

const hello = async (rooms: Record<number, number>, open: number[] = []) =>
  RawSocket.ready(server.url, await ben.token(), { epoch, rooms, open });

/** Seqs of a room's log as they were told, hidden ones too. */
function seqs(heard: readonly Heard[], roomId: number): (number | string)[] {
  return heard.flatMap((frame): (number | string)[] => {
    if (!("room_id" in frame) || frame.room_id !== roomId) return [];
    if (frame.type === "hidden") return [`hidden ${frame.from}-${frame.to}`];
    return "seq" in frame && "timestamp" in frame && frame.type !== "ack" ? [frame.seq] : [];
  });
}

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe("open", () => {
  test("is answered with every event after the seq, in order, then opened with the newest place [R1]", async () => {
    const room = await roomOfBoth("opened");
    const last = await sayMany(author, room, 20);
    const socket = await hello({});
    socket.say({ type: "open", room_id: room, epoch, seq: 5 });
    const opened = await socket.hears("opened");
    expect(opened).toEqual({ type: "opened", room_id: room, seq: last, n: 20 });
    expect(seqs(socket.heard, room)).toEqual(from(6, last));
    await sayMany(author, room, 3);
    await socket.hears("message", (message) => message.seq === last + 3);
    expect(seqs(socket.heard, room)).toEqual(from(6, last + 3));
    socket.close();
  });

  test("while a flood goes on nothing is missing and nothing out of order or twice, sixty times [R1]", async () => {
    const room = await roomOfBoth("flooded");
    const sockets: RawSocket[] = [];
    let flooding = true;
    const flood = (async () => {
      let last = 0;
      while (flooding) last = await sayMany(author, room, 25);
      return last;
    })();
    for (let trial = 0; trial < 60; trial++) {
      const socket = await hello({});
      const { items, seq } = await ben.api.messages(room, { limit: 1 });
      socket.say({ type: "open", room_id: room, epoch, seq: items[0]?.seq ?? seq });
      await socket.hears("opened");
      sockets.push(socket);
    }
    flooding = false;
    const last = await flood;
    for (const socket of sockets) {
      await socket.hears("message", (message) => message.seq === last);
      const heard = seqs(socket.heard, room) as number[];
      expect(heard).toEqual(from(heard[0] ?? 0, last));
      socket.close();
    }
  });

  test("of what is committed and not told yet is heard once, on both kinds of socket [R1, W3]", async () => {
    using writer = heldWriter();
    await using slow = await startTestServer({ RATE_LIMITS: "off" });
    const cat = await person(slow.url, "cat");
    const { id: room } = await cat.api.createRoom({ name: "told late" });
    const says = await RawSocket.ready(slow.url, await cat.token());
    const hears = await RawSocket.ready(slow.url, await cat.token());
    const token = await cat.token();
    for (let trial = 0; trial < 10; trial++) {
      const seq = 2 + trial;
      writer.hold();
      says.say({ type: "send", room_id: room, nonce: `late ${trial}`, content: `late ${trial}` });
      await eventually(async () => expect((await cat.api.messages(room, { limit: 1 })).seq).toBe(seq));
      expect(says.all("ack")).toHaveLength(trial);
      const plain = await RawSocket.open(slow.url, `/ws/${room}`, token);
      hears.say({ type: "open", room_id: room, epoch: slow.store.epoch, seq: seq - 1 });
      await hears.hears("message", (message) => message.seq === seq);
      expect(hears.all("opened")).toHaveLength(trial);
      writer.release();
      await hears.until(() => hears.all("opened").length === trial + 1);
      await says.hears("ack", (ack) => ack.nonce === `late ${trial}`);
      await plain.hears("active_users");
      await hears.settled();
      expect(hears.all("message").filter((message) => message.seq === seq)).toHaveLength(1);
      const history = plain.all("history").flatMap((frame) => frame.messages);
      expect([...history, ...plain.all("message")].filter((message) => message.seq === seq)).toHaveLength(1);
      hears.say({ type: "close", room_id: room });
      plain.close();
    }
  });

  test("of a room that is open is the same as opening it anew [R7]", async () => {
    const room = await roomOfBoth("opened twice");
    const last = await sayMany(author, room, 5);
    const socket = await hello({ [room]: last }, [room]);
    const before = socket.heard.length;
    socket.say({ type: "open", room_id: room, epoch, seq: 3 });
    await socket.until(() => socket.all("opened").length === 2);
    expect(seqs(socket.heard.slice(before), room)).toEqual(from(4, last));
    await sayMany(author, room, 1);
    await socket.hears("message", (message) => message.seq === last + 1);
    await socket.settled();
    expect(seqs(socket.heard.slice(before), room)).toEqual(from(4, last + 1));
    socket.close();
  });

  test("twice in one breath is answered to its end, and then each event comes once [R7]", async () => {
    const room = await roomOfBoth("opened in one breath");
    const last = await sayMany(author, room, 5);
    const socket = await hello({});
    socket.say({ type: "open", room_id: room, epoch, seq: 1 });
    socket.say({ type: "open", room_id: room, epoch, seq: 4 });
    await socket.hears("opened");
    await socket.settled();
    const before = socket.heard.length;
    await sayMany(author, room, 2);
    await socket.hears("message", (message) => message.seq === last + 2);
    await socket.settled();
    expect(seqs(socket.heard.slice(before), room)).toEqual([last + 1, last + 2]);
    socket.close();
  });

  test("after a close tells the room again, and in between only its place is told [R1, E3]", async () => {
    const room = await roomOfBoth("closed and opened");
    const socket = await hello({ [room]: 2 }, [room]);
    socket.say({ type: "close", room_id: room });
    await socket.settled();
    const last = await sayMany(author, room, 2);
    await socket.hears("at", (at) => at.seq === last);
    expect(seqs(socket.heard, room)).toEqual([]);
    socket.say({ type: "open", room_id: room, epoch, seq: 2 });
    await socket.until(() => socket.all("opened").length === 2);
    expect(seqs(socket.heard, room)).toEqual(from(3, last));
    socket.close();
  });

  test("at most a hundred rooms are open on one socket, also when all are asked for at once [R8]", async () => {
    const rooms = await Promise.all(
      Array.from(
        { length: limits.openRooms + 20 },
        async (_, at) => (await ben.api.createRoom({ name: `r8 ${at}` })).id,
      ),
    );
    const socket = await hello({});
    for (const room of rooms) socket.say({ type: "open", room_id: room, epoch, seq: 1 });
    await socket.until(() => socket.all("opened").length + socket.all("error").length === rooms.length);
    expect(socket.all("opened")).toHaveLength(limits.openRooms);
    expect(new Set(socket.all("error").map((error) => error.code))).toEqual(new Set(["rate_limited"]));
    const [first] = rooms;
    socket.say({ type: "open", room_id: first ?? 0, epoch, seq: 1 });
    await socket.until(() => socket.all("opened").length === limits.openRooms + 1);
    socket.say({ type: "close", room_id: first ?? 0 });
    socket.say({ type: "open", room_id: rooms.at(-1) ?? 0, epoch, seq: 1 });
    await socket.hears("opened", (opened) => opened.room_id === rooms.at(-1));
    socket.close();
  });
});

describe("resume", () => {
  test("400 events behind in each of ten rooms, over a restart, all are told and nothing is resynced [R2]", async () => {
    const rooms = await Promise.all(from(1, 10).map((at) => roomOfBoth(`ten ${at}`)));
    for (const room of rooms) await sayMany(author, room, 400);
    await server.restart();
    const socket = await hello(Object.fromEntries(rooms.map((room) => [room, 2])), rooms);
    expect(socket.all("resync")).toEqual([]);
    for (const room of rooms) expect(seqs(socket.heard, room)).toEqual(from(3, 402));
    expect(socket.all("opened").map((opened) => [opened.room_id, opened.seq, opened.n])).toEqual(
      rooms.map((room) => [room, 402, 400]),
    );
    author = await RawSocket.ready(server.url, await ann.token());
    socket.close();
  });

  test("the same by the real client: ten open rooms, a restart, and every message is shown once [R2]", async () => {
    const rooms = await Promise.all(from(1, 10).map((at) => roomOfBoth(`client ten ${at}`)));
    const { chat: device } = deviceOf(ben, server.url, { keepOpen: 10 });
    device.start();
    for (const room of rooms) await device.openRoom(room);
    await eventually(() => expect(device.line.state).toBe("live"));
    const resyncs: string[] = [];
    device.on((notice) => {
      if (notice.type === "raw" && notice.text.startsWith('{"type":"resync"')) resyncs.push(notice.text);
    });
    device.offline();
    for (const room of rooms) await sayMany(author, room, 400);
    await server.restart();
    device.online();
    await eventually(() => {
      for (const room of rooms) expect(device.replica.logs.get(room)?.seq).toBe(402);
    }, 15_000);
    for (const room of rooms) {
      expect(device.replica.logs.get(room)?.messages.map((message) => message.seq)).toEqual(from(3, 402));
    }
    expect(resyncs).toEqual([]);
    device.stop();
    author = await RawSocket.ready(server.url, await ann.token());
  }, 30_000);

  test("exactly 500 behind is told, and one more is resync for that room alone [R2]", async () => {
    const [within, beyond] = [await roomOfBoth("within 500"), await roomOfBoth("beyond 500")];
    await sayMany(author, within, limits.resumePerRoom);
    await sayMany(author, beyond, limits.resumePerRoom + 100);
    const socket = await hello({ [beyond]: 2, [within]: 2 }, [beyond, within]);
    expect(socket.all("resync")).toEqual([{ type: "resync", room_id: beyond, seq: 602 }]);
    expect(seqs(socket.heard, within)).toEqual(from(3, 502));
    expect(seqs(socket.heard, beyond)).toEqual([]);
    expect(socket.all("opened").map((opened) => opened.room_id)).toEqual([within]);
    await sayMany(author, beyond, 1);
    await socket.hears("at", (at) => at.room_id === beyond && at.seq === 603);
    expect(seqs(socket.heard, beyond)).toEqual([]);
    const page = await ben.api.messages(beyond);
    socket.say({ type: "open", room_id: beyond, epoch: page.epoch, seq: page.seq });
    expect(await socket.hears("opened", (opened) => opened.room_id === beyond)).toMatchObject({ seq: 603, n: 601 });
    socket.close();
  });

  test("501 behind is resync on open too, and an open room is then closed [R2]", async () => {
    const room = await roomOfBoth("501 behind");
    const last = await sayMany(author, room, limits.resumePerRoom + 1);
    const socket = await hello({ [room]: last }, [room]);
    socket.say({ type: "open", room_id: room, epoch, seq: 2 });
    expect(await socket.hears("resync")).toEqual({ type: "resync", room_id: room, seq: last });
    await sayMany(author, room, 1);
    await socket.hears("at", (at) => at.room_id === room && at.seq === last + 1);
    expect(seqs(socket.heard, room)).toEqual([]);
    socket.close();
  });

  test("at most 5,000 in all: open rooms first, the rooms beyond are resync [R2]", async () => {
    const rooms: number[] = [];
    for (const at of from(1, 12)) rooms.push(await roomOfBoth(`five thousand ${at}`));
    for (const room of rooms) await sayMany(author, room, 450);
    const quiet = await roomOfBoth("nothing new");
    const [last = 0, late = 0] = [rooms[11], rooms[10]];
    const cursors = Object.fromEntries([...rooms, quiet].map((room) => [room, 2]));
    const socket = await hello(cursors, [last, late]);
    const told = [...rooms, quiet].map((room) => seqs(socket.heard, room).length);
    expect(told).toEqual([450, 450, 450, 450, 450, 450, 450, 450, 450, 0, 450, 450, 0]);
    expect(told.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(limits.resumeInAll);
    expect(socket.all("resync").map((resync) => resync.room_id)).toEqual([rooms[9] ?? 0]);
    expect(socket.all("opened").map((opened) => opened.room_id)).toEqual([last, late]);
    const order = socket.heard.flatMap((frame) => (frame.type === "message" ? [frame.room_id] : []));
    expect([...new Set(order)].slice(0, 2)).toEqual([last, late]);
    socket.close();
  });

  test("a cursor ahead of the log, or of another epoch, is resync [R3]", async () => {
    const room = await roomOfBoth("from the future");
    const socket = await hello({ [room]: 3 }, [room]);
    expect(socket.all("resync")).toEqual([{ type: "resync", room_id: room, seq: 2 }]);
    socket.say({ type: "open", room_id: room, epoch, seq: Number.MAX_SAFE_INTEGER });
    await socket.until(() => socket.all("resync").length === 2);
    socket.say({ type: "open", room_id: room, epoch: "another", seq: 2 });
    await socket.until(() => socket.all("resync").length === 3);
    expect(socket.all("opened")).toEqual([]);
    await sayMany(author, room, 1);
    await socket.hears("at", (at) => at.room_id === room && at.seq === 3);
    expect(seqs(socket.heard, room)).toEqual([]);
    socket.close();
  });

  test("a room that is not there, or not to be seen, is closed not_found, and both look the same [R5]", async () => {
    const { id: hidden } = await ann.api.createRoom({ name: "not for ben", kind: "private" });
    const nowhere = 999_999;
    const socket = await hello({ [hidden]: 1, [nowhere]: 1 }, [hidden, nowhere]);
    const told = () => socket.all("closed").map(({ room_id, code }) => `${room_id} ${code}`);
    expect(told()).toEqual([`${hidden} not_found`, `${nowhere} not_found`]);
    for (const room of [hidden, nowhere]) socket.say({ type: "open", room_id: room, epoch, seq: 0 });
    await socket.until(() => socket.all("closed").length === 4);
    // Of two rooms that are asked for at once the one that is read first is answered first.
    expect(told().slice(2).sort()).toEqual([`${hidden} not_found`, `${nowhere} not_found`].sort());
    socket.close();
  });

  test("a room one was removed from is closed: removed from a public one, not_found from a private one [R5]", async () => {
    const [open, hidden] = [await roomOfBoth("removed, public"), await roomOfBoth("removed, private", "private")];
    for (const room of [open, hidden]) await ann.api.removeMember(room, ben.id);
    const socket = await hello({ [open]: 2, [hidden]: 2 }, [open, hidden]);
    expect(socket.all("closed").map(({ room_id, code }) => [room_id, code])).toEqual([
      [open, "removed"],
      [hidden, "not_found"],
    ]);
    socket.close();
  });

  test("what was said while one was out of a private room is hidden, and the log goes on behind it [R4]", async () => {
    const room = await roomOfBoth("out and in", "private");
    await sayMany(author, room, 2); // 3, 4
    await ann.api.removeMember(room, ben.id); // 5
    await sayMany(author, room, 3); // 6, 7, 8
    await ann.api.addMembers(room, [ben.id]); // 9
    await sayMany(author, room, 2); // 10, 11
    const socket = await hello({ [room]: 3 }, [room]);
    expect(seqs(socket.heard, room)).toEqual([4, 5, "hidden 6-8", 9, 10, 11]);
    expect(socket.all("opened")).toMatchObject([{ seq: 11, n: 7 }]);
    socket.say({ type: "open", room_id: room, epoch, seq: 0 });
    await socket.until(() => socket.all("opened").length === 2);
    expect(seqs(socket.heard, room).slice(6)).toEqual(["hidden 1-1", 2, 3, 4, 5, "hidden 6-8", 9, 10, 11]);
    socket.say({ type: "open", room_id: room, epoch, seq: 6 });
    await socket.until(() => socket.all("opened").length === 3);
    expect(seqs(socket.heard, room).slice(15)).toEqual(["hidden 7-8", 9, 10, 11]);
    const texts = JSON.stringify(await ben.api.messages(room));
    expect(texts).toContain("hello 2");
    expect(texts).not.toContain("hello 3");
    socket.close();
  });

  test("an event made now: people who came and went again, and a name that changed since [E2]", async () => {
    const { id: room } = await ann.api.createRoom({ name: "first name" });
    await ann.api.addMembers(room, [ben.id]);
    await ann.api.changeRoom(room, { name: "second name" });
    await ann.api.removeMember(room, ben.id);
    author.say({ type: "open", room_id: room, epoch, seq: 0 });
    await author.hears("opened", (opened) => opened.room_id === room);
    const added = author.all("members.added").filter((event) => event.room_id === room);
    expect(added.map((event) => event.members.map((member) => member.username))).toEqual([["ann"], []]);
    await ann.api.addMembers(room, [ben.id]);
    await ann.api.changeRoom(room, { name: "third name" });
    const socket = await hello({ [room]: 0 }, [room]);
    expect(socket.all("members.added").map((event) => event.members.map((member) => member.username))).toEqual([
      ["ann"],
      [],
      ["ben"],
    ]);
    expect(socket.all("room.changed").map((event) => event.room.name)).toEqual(["third name", "third name"]);
    socket.close();
  });
});

describe("events", () => {
  test("each has the room and the seq, and one that is known changes nothing [E1]", async () => {
    const room = await roomOfBoth("heard twice");
    const device = ben.device();
    device.start();
    await device.openRoom(room);
    const last = await sayMany(author, room, 3);
    await eventually(() => expect(device.replica.logs.get(room)?.seq).toBe(last));
    const socket = await hello({ [room]: 0 }, [room]);
    const logged = socket.heard.filter((frame) => "timestamp" in frame);
    expect(logged.map((frame) => ("seq" in frame && "room_id" in frame ? [frame.room_id, frame.seq] : null))).toEqual(
      from(1, last).map((seq) => [room, seq]),
    );
    const before = JSON.stringify(device.replica.logs.get(room));
    for (const frame of socket.all("message")) expect(applyEvent(device.replica, frame)).toBe("seen");
    expect(JSON.stringify(device.replica.logs.get(room))).toBe(before);
    device.stop();
    socket.close();
  });

  test("of a room that is not open only the newest place is told, at most once a tick [E3]", async () => {
    const room = await roomOfBoth("not open");
    const socket = await hello({});
    const before = socket.all("at").length;
    const started = performance.now();
    const last = await sayMany(author, room, 300);
    await socket.hears("at", (at) => at.room_id === room && at.seq === last && at.n === 300);
    const ticks = (performance.now() - started) / 20 + 1;
    expect(socket.all("at").length - before).toBeLessThanOrEqual(Math.ceil(ticks));
    expect(seqs(socket.heard, room)).toEqual([]);
    socket.close();
  });

  test("a row of a stream that is older than the one held changes nothing [E4]", async () => {
    const room = await roomOfBoth("rows");
    const socket = await hello({});
    const older = socket.all("me")[0]?.rooms.find((row) => row.room.id === room);
    const device = ben.device();
    device.start();
    await eventually(() => expect(device.replica.mine.get(room)).toEqual(older));
    const last = await sayMany(author, room, 2);
    await ben.api.markRead(room, last);
    await eventually(() => expect(device.replica.mine.get(room)?.read_seq).toBe(last));
    const now = device.replica.mine.get(room);
    expect(now?.version).toBeGreaterThan(older?.version ?? 0);
    applyMyRooms(device.replica, { type: "me", version: 1, reset: false, rooms: older ? [older] : [], gone: [] });
    expect(device.replica.mine.get(room)).toEqual(now);
    device.stop();
    socket.close();
  });

  test("a client that meets a gap opens the room again with its own seq, and shows all in order [R6]", async () => {
    const room = await roomOfBoth("with a gap");
    const said: string[] = [];
    let dropping = false;
    let lost = 0;
    const { chat: device } = deviceOf(ben, server.url, {
      said: (text) => said.push(text),
      heard: (text) => {
        const drops = dropping && text.startsWith('{"type":"message"');
        if (drops) lost += 1;
        return !drops;
      },
    });
    device.start();
    await device.openRoom(room);
    await eventually(() => expect(device.line.state).toBe("live"));
    await sayMany(author, room, 2, "seen");
    await eventually(() => expect(device.replica.logs.get(room)?.seq).toBe(4));
    dropping = true;
    await sayMany(author, room, 3, "lost");
    await eventually(() => expect(lost).toBe(3));
    dropping = false;
    const last = await sayMany(author, room, 1, "seen after");
    await eventually(() => expect(device.replica.logs.get(room)?.seq).toBe(last));
    expect(device.replica.logs.get(room)?.messages.map((message) => message.seq)).toEqual(from(3, last));
    const opens = said
      .map((text) => JSON.parse(text) as { type: string; seq?: number })
      .filter((f) => f.type === "open");
    expect(opens.at(-1)?.seq).toBe(4);
    device.stop();
  });
});
