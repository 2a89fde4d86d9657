import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { eventually } from "#tests/support/eventually.ts";
import { heldAnswer } from "#tests/support/held-answer.ts";
import { JumpingClock } from "#tests/support/jumping-clock.ts";
import { type Person, people, person } from "#tests/support/people.ts";
import { type Heard, RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { TcpSocket } from "#tests/support/tcp-socket.ts";

let server: TestServer;
let ann: Person;
let ben: Person;
const clock = new JumpingClock();

beforeAll(async () => {
  server = await startTestServer({}, { clock });
  [ann, ben] = await people(server.url, "ann", "ben");
});
afterAll(() => server[Symbol.asyncDispose]());

const welcomed = async (socket: RawSocket) => (await socket.hears("welcome")).user.username;

describe("a socket proves itself", () => {
  test("by the header Authorization [H1]", async () => {
    const socket = await RawSocket.open(server.url, "/ws", await ann.token());
    socket.say({ type: "hello" });
    expect(await welcomed(socket)).toBe("ann");
    socket.close();
  });

  test("by the subprotocols parlour.v1 and bearer.TOKEN, and the answer never names the token [H1]", async () => {
    const offered = { "sec-websocket-protocol": `parlour.v1, bearer.${await ann.token()}` };
    const socket = await TcpSocket.open(server.url, "/ws", null, offered);
    expect(socket.answer).toMatch(/^sec-websocket-protocol: parlour\.v1\r$/im);
    expect(socket.answer).not.toContain("bearer.");
    socket.say({ type: "hello" });
    await socket.until(() => socket.heard("welcome").length === 1);
    socket.cut();
  });

  test("by a ticket, once [H1]", async () => {
    const { ticket } = await ann.api.ticket();
    const first = await RawSocket.open(server.url, `/ws?ticket=${ticket}`, null);
    first.say({ type: "hello" });
    expect(await welcomed(first)).toBe("ann");
    const second = await RawSocket.open(server.url, `/ws?ticket=${ticket}`, null);
    expect((await second.closes()).code).toBe(4401);
    first.close();
  });

  test("by a ticket that is not older than thirty seconds [H1]", async () => {
    const { ticket } = await ann.api.ticket();
    clock.jump(limits.ticketFor);
    const socket = await RawSocket.open(server.url, `/ws?ticket=${ticket}`, null);
    expect((await socket.closes()).code).toBe(4401);
  });

  test("by ?token= [H1]", async () => {
    const socket = await RawSocket.open(server.url, `/ws?token=${await ann.token()}`, null);
    socket.say({ type: "hello" });
    expect(await welcomed(socket)).toBe("ann");
    socket.close();
  });

  test("by a token in its hello [H1]", async () => {
    const socket = await RawSocket.open(server.url, "/ws", null);
    socket.say({ type: "hello", token: await ann.token() });
    expect(await welcomed(socket)).toBe("ann");
    socket.close();
  });

  test("twice with the same right, and with another person's token in the hello it is theirs [H1]", async () => {
    const socket = await RawSocket.open(server.url, "/ws", await ann.token());
    socket.say({ type: "hello", token: await ben.token() });
    expect(await welcomed(socket)).toBe("ben");
    const room = await ben.api.createRoom({ name: "of ben alone", kind: "private" });
    await socket.hears("me", (frame) => frame.rooms.some((row) => row.room.id === room.id));
    const annsRoom = await ann.api.createRoom({ name: "of ann alone", kind: "private" });
    await socket.settled();
    expect(socket.all("me").flatMap((frame) => frame.rooms.map((row) => row.room.id))).not.toContain(annsRoom.id);
    socket.close();
  });
});

describe("a token that is present and not valid is refused at once", () => {
  const offers: [string, string, Record<string, string>][] = [
    ["a wrong token in the header", "/ws", { authorization: "Bearer nonsense" }],
    ["an empty token in the header", "/ws", { authorization: "Bearer " }],
    ["a header of another scheme", "/ws", { authorization: "Basic YW5uOnNlY3JldA==" }],
    ["a wrong token in a subprotocol", "/ws", { "sec-websocket-protocol": "parlour.v1, bearer.nonsense" }],
    ["an empty token in a subprotocol", "/ws", { "sec-websocket-protocol": "parlour.v1, bearer." }],
    ["a wrong ?token=", "/ws?token=nonsense", {}],
    ["an empty ?token=", "/ws?token=", {}],
    ["a wrong ?ticket=", "/ws?ticket=nonsense", {}],
    ["an empty ?ticket=", "/ws?ticket=", {}],
  ];
  test.each(offers)("%s [H1]", async (_, path, headers) => {
    const socket = await TcpSocket.open(server.url, path, null, headers);
    await socket.until(() => socket.closeCode !== null);
    expect(socket.closeCode).toBe(4401);
    expect(socket.texts).toEqual([]);
    socket.cut();
  });

  test.each(["nonsense", ""])("the token %p in a hello [H1]", async (token) => {
    const socket = await RawSocket.open(server.url, "/ws", null);
    socket.say({ type: "hello", token });
    expect((await socket.closes()).code).toBe(4401);
    expect(socket.heard).toEqual([]);
  });

  test("a wrong token in the hello of a socket that has proved itself [H1]", async () => {
    const socket = await RawSocket.open(server.url, "/ws", await ann.token());
    socket.say({ type: "hello", token: "nonsense" });
    expect((await socket.closes()).code).toBe(4401);
    expect(socket.heard).toEqual([]);
  });

  test("a token whose time is up [H1]", async () => {
    const old = await ben.token();
    clock.jump(limits.accessTokenSeconds * 1_000 + 1_000);
    const socket = await RawSocket.open(server.url, "/ws", old);
    expect((await socket.closes()).code).toBe(4401);
    ben.session.rejected(old);
    ann.session.rejected(await ann.token());
  });

  test("a hello without any token [H1]", async () => {
    const socket = await RawSocket.open(server.url, "/ws", null);
    socket.say({ type: "hello" });
    expect((await socket.closes()).code).toBe(4401);
  });
});

describe("the first frame", () => {
  test("comes within five seconds: without proof 4401, with it 4400 [H2]", async () => {
    const unproved = await RawSocket.open(server.url, "/ws", null);
    const proved = await RawSocket.open(server.url, "/ws", await ann.token());
    const early = await RawSocket.open(server.url, "/ws", await ann.token());
    clock.jump(limits.helloWithin / 2);
    early.say({ type: "hello" });
    await early.hears("ready");
    expect([unproved.closed, proved.closed]).toEqual([null, null]);
    clock.jump(limits.helloWithin / 2);
    expect((await unproved.closes()).code).toBe(4401);
    expect((await proved.closes()).code).toBe(4400);
    await early.settled();
    expect(early.closed).toBeNull();
    early.close();
  });

  test("is a hello: any other closes the socket, with 4400 or without proof with 4401 [H2]", async () => {
    const proved = await RawSocket.open(server.url, "/ws", await ann.token());
    proved.say({ type: "ping" });
    expect((await proved.closes()).code).toBe(4400);
    const unproved = await RawSocket.open(server.url, "/ws", null);
    unproved.say({ type: "ping" });
    expect((await unproved.closes()).code).toBe(4401);
  });

  test("is answered once: a second hello is refused and changes nothing [H2]", async () => {
    const socket = await RawSocket.ready(server.url, await ann.token());
    socket.say({ type: "hello" });
    expect((await socket.hears("error")).code).toBe("invalid");
    await socket.settled();
    expect(socket.all("welcome")).toHaveLength(1);
    socket.close();
  });
});

describe("the answer to a hello", () => {
  test("welcome, me, house, at, what was missed with open rooms first, ready: in this order [H3]", async () => {
    const cat = await person(server.url, "cat");
    const [one, two, three] = [
      await cat.api.createRoom({ name: "cat one" }),
      await cat.api.createRoom({ name: "cat two" }),
      await cat.api.createRoom({ name: "cat three", kind: "private" }),
    ];
    for (const room of [one, two, three]) await cat.api.sendMessage(room.id, { content: `in ${room.id}` });
    const first = await RawSocket.ready(server.url, await cat.token());
    const { epoch } = await first.hears("welcome");
    const rooms = { [one.id]: 0, [two.id]: 1, [three.id]: 1 };
    const socket = await RawSocket.ready(server.url, await cat.token(), { epoch, rooms, open: [three.id, two.id] });
    // A place may be told once more by the tick that the sends above began.
    const told = [...new Set(socket.heard.filter((frame) => frame.type !== "active_users").map(inShort))];
    expect(told).toEqual([
      "welcome",
      "me",
      "house",
      `at ${one.id}`,
      `at ${two.id}`,
      `at ${three.id}`,
      `message ${three.id}/2`,
      `opened ${three.id}`,
      `message ${two.id}/2`,
      `opened ${two.id}`,
      `members.added ${one.id}/1`,
      `message ${one.id}/2`,
      "ready",
    ]);
    const welcome = socket.all("welcome")[0];
    expect(welcome).toMatchObject({ user: { id: cat.id, username: "cat" }, heartbeat: limits.heartbeatEvery });
    expect(Math.abs((welcome?.now ?? 0) - clock.now())).toBeLessThan(60_000);
    expect(socket.all("at").find((at) => at.room_id === one.id)).toMatchObject({ seq: 2, n: 1 });
    first.close();
    socket.close();
  });

  test("has what changed since the versions it names, and everything when it names none [H3]", async () => {
    const dan = await person(server.url, "dan");
    const kept = await dan.api.createRoom({ name: "dan keeps this" });
    const left = await dan.api.createRoom({ name: "dan leaves this" });
    const deleted = await dan.api.createRoom({ name: "dan deletes this" });
    const all = await RawSocket.ready(server.url, await dan.token());
    const [welcome, me, house] = [all.all("welcome")[0], all.all("me")[0], all.all("house")[0]];
    expect([me?.reset, house?.reset]).toEqual([true, true]);
    expect(me?.rooms.map((row) => row.room.id)).toEqual([kept.id, left.id, deleted.id]);

    await dan.api.leaveRoom(left.id);
    await dan.api.deleteRoom(deleted.id);
    const renamed = await dan.api.changeRoom(kept.id, { name: "dan renamed this" });
    const versions = { epoch: welcome?.epoch ?? "", me: me?.version ?? 0, house: house?.version ?? 0 };
    const since = await RawSocket.ready(server.url, await dan.token(), versions);
    expect(since.all("me")[0]).toMatchObject({ reset: false, rooms: [], gone: [left.id, deleted.id] });
    expect(since.all("house")[0]).toMatchObject({ reset: false, gone: [deleted.id] });
    expect(since.all("house")[0]?.rooms.map((room) => [room.id, room.name])).toEqual([[kept.id, renamed.name]]);
    all.close();
    since.close();
  });

  test("a version ahead of the server's own starts the stream anew [H3]", async () => {
    const all = await RawSocket.ready(server.url, await ben.token());
    const { epoch } = await all.hears("welcome");
    const socket = await RawSocket.ready(server.url, await ben.token(), { epoch, me: 1_000_000, house: 1_000_000 });
    expect(socket.all("me").map((frame) => [frame.reset, frame.version])).toEqual([
      [true, all.all("me")[0]?.version ?? -1],
    ]);
    expect(socket.all("house").map((frame) => frame.reset)).toEqual([true]);
    all.close();
    socket.close();
  });

  test("has a thousand rooms in parts, and none of them twice [H3]", async () => {
    const eva = await person(server.url, "eva");
    const make = (at: number) =>
      server.store.write(
        "create-room",
        { userId: eva.id },
        { name: `eva's ${at}`, kind: "private", setting: "everyone" },
      );
    const rooms = await Promise.all(Array.from({ length: 1_000 }, (_, at) => make(at)));
    const socket = await RawSocket.ready(server.url, await eva.token());
    const frames = socket.all("me");
    expect(frames.map((frame) => frame.reset)).toEqual([true, ...frames.slice(1).map(() => false)]);
    expect(frames.length).toBeGreaterThan(1);
    expect(frames.flatMap((frame) => frame.rooms.map((row) => row.room.id))).toEqual(rooms.map((room) => room.id));
    expect(socket.all("at").map((at) => at.room_id)).toEqual(rooms.map((room) => room.id));
    socket.close();
  });

  test("nothing is told before the welcome, whatever happens meanwhile [H3]", async () => {
    const early = await RawSocket.open(server.url, "/ws", await ben.token());
    const witness = await RawSocket.ready(server.url, await ben.token());
    const room = await ben.api.createRoom({ name: "made before the hello" });
    await ben.api.sendMessage(room.id, { content: "said before the hello" });
    await witness.hears("at", (at) => at.room_id === room.id && at.n === 1);
    early.say({ type: "hello" });
    await early.hears("ready");
    expect(early.heard[0]?.type).toBe("welcome");
    expect(early.all("at").filter((at) => at.room_id === room.id)).toMatchObject([{ seq: 2, n: 1 }]);
    early.close();
    witness.close();
  });

  test("frames that come while it is answered wait, in order [H3]", async () => {
    const room = await ben.api.createRoom({ name: "said in one breath" });
    const socket = await RawSocket.open(server.url, "/ws", await ben.token());
    socket.say({ type: "hello" });
    for (const word of ["one", "two", "three"]) {
      socket.say({ type: "send", room_id: room.id, nonce: `breath ${word}`, content: word });
    }
    await socket.hears("ack", (ack) => ack.nonce === "breath three");
    const ready = socket.heard.findIndex((frame) => frame.type === "ready");
    const acks = socket.heard.flatMap((frame, at) => (frame.type === "ack" ? [{ at, seq: frame.seq }] : []));
    expect(acks.map((ack) => ack.seq)).toEqual([2, 3, 4]);
    expect(acks.every((ack) => ack.at > ready)).toBe(true);
    socket.close();
  });

  test("a message that is sent while the rooms' places are read is in them or follows them [H3, E3]", async () => {
    const room = await ben.api.createRoom({ name: "busy during hello" });
    const witness = await RawSocket.ready(server.url, await ben.token());
    const reading = heldAnswer(server, "my-places");
    const socket = await RawSocket.open(server.url, "/ws", await ben.token());
    socket.say({ type: "hello" });
    await reading.asked;
    await ben.api.sendMessage(room.id, { content: "between the reading and its answer" });
    await witness.hears("at", (at) => at.room_id === room.id && at.n === 1);
    reading.letGo();
    await socket.hears("at", (at) => at.room_id === room.id && at.n === 1);
    socket.close();
    witness.close();
  });
});

describe("another epoch", () => {
  test("makes all versions and cursors of the hello void [H4]", async () => {
    const room = await ben.api.createRoom({ name: "of another history" });
    await ben.api.sendMessage(room.id, { content: "hello" });
    const socket = await RawSocket.ready(server.url, await ben.token(), {
      epoch: "of another server",
      me: 1,
      house: 1,
      rooms: { [room.id]: 1 },
      open: [room.id],
    });
    expect(socket.all("me")[0]?.reset).toBe(true);
    expect(socket.all("house")[0]?.reset).toBe(true);
    expect(socket.all("resync")).toMatchObject([{ room_id: room.id, seq: 2 }]);
    expect([socket.all("message"), socket.all("opened")]).toEqual([[], []]);
    await ben.api.sendMessage(room.id, { content: "not heard" });
    await socket.hears("at", (at) => at.room_id === room.id && at.n === 2);
    expect(socket.all("message")).toEqual([]);
    socket.close();
  });

  test("and so does no epoch at all, for cursors [H4]", async () => {
    const room = await ben.api.createRoom({ name: "of no history" });
    const socket = await RawSocket.ready(server.url, await ben.token(), { rooms: { [room.id]: 0 }, open: [room.id] });
    expect(socket.all("resync")).toMatchObject([{ room_id: room.id, seq: 1 }]);
    socket.close();
  });
});

test("a closed socket is forgotten [H1]", async () => {
  const before = await connections(server);
  const sockets = await Promise.all([1, 2, 3].map(async () => RawSocket.ready(server.url, await ben.token())));
  sockets[0]?.close();
  sockets[1]?.cut();
  sockets[2]?.close();
  await eventually(async () => expect(await connections(server)).toBe(before));
});

function inShort(frame: Heard): string {
  if (!("room_id" in frame)) return frame.type;
  const logged = frame.type === "message" || frame.type === "members.added";
  return `${frame.type} ${frame.room_id}${logged ? `/${frame.seq}` : ""}`;
}

async function connections({ url }: TestServer): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^parlour_connections (\d+)/m.exec(text)?.[1]);
}

test("a database that does not answer is told as 4503 and never as the end of a session [W5, H1]", async () => {
  await using house = await startTestServer();
  const ann = await person(house.url, "ann");
  await ann.api.createRoom({ name: "tea" });
  // A node that starts anew asks the database for every session.
  await house.restart();
  const token = await ann.token();
  const away = house.stores.map((store) => {
    const { read } = store;
    store.read = (async (...args: Parameters<typeof read>) => {
      if (args[0] === "session") throw new Refusal("unavailable");
      return read.apply(store, args);
    }) as typeof read;
    return () => {
      store.read = read;
    };
  });
  for (const path of ["/ws", "/ws/tea"]) {
    const proved = await RawSocket.open(house.url, path, token);
    expect([path, (await proved.closes()).code]).toEqual([path, 4503]);
    const late = await RawSocket.open(house.url, path, null);
    late.sayText(JSON.stringify({ type: "hello", token }));
    expect([path, (await late.closes()).code]).toEqual([path, 4503]);
    const stranger = await RawSocket.open(house.url, path, "not a token");
    expect([path, (await stranger.closes()).code]).toEqual([path, 4401]);
  }
  for (const back of away) back();
  const socket = await RawSocket.ready(house.url, token);
  socket.close();
});
