import { describe, expect, test } from "bun:test";
import { limits } from "#shared/limits.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { heldAnswer } from "#tests/support/held-answer.ts";
import { JumpingClock } from "#tests/support/jumping-clock.ts";
import { people, person } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer } from "#tests/support/start-server.ts";
import { TcpSocket } from "#tests/support/tcp-socket.ts";

describe("a heartbeat", () => {
  test("is asked for by the welcome, and a ping is answered, also while the hello is [L1]", async () => {
    await using server = await startTestServer();
    const ann = await person(server.url, "ann");
    const socket = await RawSocket.open(server.url, "/ws", await ann.token());
    socket.say({ type: "hello" });
    socket.say({ type: "ping" });
    expect((await socket.hears("welcome")).heartbeat).toBe(25_000);
    await socket.hears("ready");
    await socket.hears("pong");
    await socket.settled();
    expect(socket.all("pong")).toHaveLength(2);
    socket.close();
  });
});

test("who is silent for sixty seconds, and answers no ping either, is dropped; who is only quiet is not [L1]", async () => {
  expect(limits.silentFor).toBe(60_000);
  // As short as the native timer goes: the minute itself would be waited out for nothing.
  const shortened = limits as { silentFor: number };
  shortened.silentFor = 8_000;
  try {
    await using server = await startTestServer();
    const ann = await person(server.url, "ann");
    const quiet = await RawSocket.ready(server.url, await ann.token());
    const silent = await TcpSocket.open(server.url, "/ws", await ann.token());
    silent.say({ type: "hello" });
    await silent.until(() => silent.heard("ready").length === 1);
    const since = performance.now();
    await silent.until(() => silent.isClosed, 15_000);
    expect(performance.now() - since).toBeGreaterThan(3_500);
    expect(silent.frames.some((frame) => frame.opcode === 9)).toBe(true);
    await quiet.settled();
    expect(quiet.closed).toBeNull();
    quiet.close();
  } finally {
    shortened.silentFor = 60_000;
  }
}, 20_000);

describe("a server that stops", () => {
  test("says draining with a time, not the same for all, and closes with 1012; plain sockets too [L5]", async () => {
    await using server = await startTestServer();
    const ann = await person(server.url, "ann");
    const room = await ann.api.createRoom({ name: "tea" });
    const sockets: RawSocket[] = [];
    for (let at = 0; at < 12; at++) sockets.push(await RawSocket.ready(server.url, await ann.token()));
    const unwelcomed = await RawSocket.open(server.url, "/ws", await ann.token());
    const plain = await RawSocket.open(server.url, `/ws/${room.id}`, await ann.token());
    await plain.hears("active_users");
    await server.restart();
    const times = sockets.map((socket) => socket.all("draining")[0]?.retry_after ?? -1);
    for (const socket of [...sockets, unwelcomed, plain]) expect((await socket.closes()).code).toBe(1012);
    for (const time of times) {
      expect(time).toBeGreaterThanOrEqual(500);
      expect(time).toBeLessThanOrEqual(10_000);
    }
    expect(new Set(times).size).toBeGreaterThan(6);
    expect(plain.all("draining")).toEqual([]);
  });

  test("answers the requests that are under way, and takes no more", async () => {
    await using server = await startTestServer();
    // Straight to a node: what stands before several of them in the tests ends with the first of them.
    const ann = await person(server.urls[0] ?? "", "ann");
    const { asked, letGo } = heldAnswer(server, "account");
    const me = ann.api.me();
    await asked;
    const stopping = server.stop();
    await Bun.sleep(500);
    await expect(fetch(`${server.urls[0]}/healthz`, { keepalive: false })).rejects.toThrow();
    letGo();
    expect(await me).toMatchObject({ username: "ann" });
    await stopping;
  });

  test("is left and found again by the client, no sooner than it asked, and what was written meanwhile goes out [L5]", async () => {
    await using server = await startTestServer();
    const [ann, ben] = await people(server.url, "ann", "ben");
    const room = await ann.api.createRoom({ name: "over a restart" });
    const { chat } = deviceOf(ann, server.url);
    chat.start();
    await chat.openRoom(room.id);
    await eventually(() => expect(chat.line.state).toBe("live"));
    let asked = 0;
    let drainedAt = 0;
    let backAt = 0;
    chat.on((notice) => {
      if (notice.type === "raw" && notice.text.startsWith('{"type":"draining"')) {
        asked = (JSON.parse(notice.text) as { retry_after: number }).retry_after;
        drainedAt = performance.now();
      }
      if (notice.type === "line" && notice.line.state === "connecting" && asked > 0 && backAt === 0)
        backAt = performance.now();
    });
    await server.restart();
    expect(chat.line).toMatchObject({ state: "waiting", why: "draining" });
    chat.send(room.id, "written while away");
    await ben.api.joinRoom(room.id);
    await eventually(
      () => expect(chat.room(room.id).log?.messages.map((m) => m.content)).toEqual(["written while away"]),
      8_000,
    );
    expect(backAt - drainedAt).toBeGreaterThanOrEqual(asked - 5);
    expect(chat.room(room.id).pending).toEqual([]);
    chat.stop();
  }, 15_000);
});

describe("a frame", () => {
  test("that is not understood is answered with an error and changes nothing; the socket lives on [L3]", async () => {
    await using server = await startTestServer();
    const ann = await person(server.url, "ann");
    const room = await ann.api.createRoom({ name: "tea" });
    const socket = await RawSocket.ready(server.url, await ann.token());
    const wrong: [string, string][] = [
      ["", "bad_json"],
      ["not json", "bad_json"],
      ["null", "invalid"],
      ["[]", "invalid"],
      ["5", "invalid"],
      ['{"type":"unheard of"}', "invalid"],
      ['{"type":"send"}', "invalid"],
      [`{"type":"send","room_id":"${room.id}","nonce":"n","content":"x"}`, "invalid"],
      [`{"type":"send","room_id":${room.id},"nonce":"n","content":"x","extra":1}`, "invalid"],
      [`{"type":"send","room_id":-1,"nonce":"n","content":"x"}`, "invalid"],
      [`{"type":"send","room_id":1e300,"nonce":"n","content":"x"}`, "invalid"],
      [`{"type":"open","room_id":${room.id},"epoch":"e","seq":-1}`, "invalid"],
      [`{"type":"__proto__"}`, "invalid"],
      [`{"type":"send","room_id":${room.id},"nonce":"a half \\ud800","content":"x"}`, "invalid"],
      [`{"type":"send","room_id":${room.id},"nonce":"halved","content":"\\ud800"}`, "bad_text"],
    ];
    for (const [text] of wrong) socket.sayText(text);
    socket.sayText(new Uint8Array([0xff, 0xfe, 0x00]));
    await socket.until(() => socket.all("error").length === wrong.length + 1);
    expect(socket.all("error").map((error) => error.code)).toEqual([
      ...wrong.map(([, code]) => code),
      "bad_json",
    ] as "invalid"[]);
    expect((await ann.api.messages(room.id)).seq).toBe(1);
    socket.say({ type: "send", room_id: room.id, nonce: "n", content: "x" });
    expect(await socket.hears("ack")).toMatchObject({ seq: 2 });
    socket.close();
  });

  test("that names its send is refused by name, so that the client knows which [L3]", async () => {
    await using server = await startTestServer();
    const ann = await person(server.url, "ann");
    const socket = await RawSocket.ready(server.url, await ann.token());
    socket.sayText('{"type":"send","room_id":7,"nonce":"mine","content":5}');
    expect(await socket.hears("error")).toMatchObject({ code: "invalid", nonce: "mine", room_id: 7 });
    socket.close();
  });

  test("of 64 KiB is read, and one byte more closes the socket with 1009 [L3]", async () => {
    await using server = await startTestServer();
    const ann = await person(server.url, "ann");
    const room = await ann.api.createRoom({ name: "tea" });
    for (const path of ["/ws", `/ws/${room.id}`]) {
      const socket = await TcpSocket.open(server.url, path, await ann.token());
      socket.say({ type: "hello" });
      await socket.until(() => socket.texts.length > 0);
      socket.write(1, Buffer.alloc(limits.frameBytes, "x"));
      await socket.until(() => socket.heard("error").length === 1);
      expect(socket.isClosed).toBe(false);
      socket.write(1, Buffer.alloc(limits.frameBytes + 1, "x"));
      await socket.until(() => socket.isClosed);
      expect([path, socket.closeCode]).toEqual([path, 1009]);
    }
  });

  test("in excess of 200 at once or 50 a second is answered rate_limited and dropped; others are not touched [L4]", async () => {
    const clock = new JumpingClock();
    await using server = await startTestServer({}, { clock });
    const ann = await person(server.url, "ann");
    const room = await ann.api.createRoom({ name: "tea" });
    const socket = await RawSocket.ready(server.url, await ann.token());
    const other = await RawSocket.ready(server.url, await ann.token());
    const send = (at: number) =>
      socket.say({ type: "send", room_id: room.id, nonce: `flood ${at}`, content: `flood ${at}` });
    const answered = () => socket.all("ack").length + socket.all("error").length;
    const began = clock.now();
    for (let at = 0; at < 300; at++) send(at);
    await socket.until(() => answered() === 300);
    const spent = clock.now() - began;
    // The hello was the first of the 200, and a little is given back while they are read.
    expect(socket.all("ack").length).toBeGreaterThanOrEqual(199);
    expect(socket.all("ack").length).toBeLessThanOrEqual(200 + Math.ceil(spent / 20));
    for (const error of socket.all("error")) expect(error).toMatchObject({ code: "rate_limited", retry_after: 1 });
    const refused = new Set(socket.all("error").map((error) => error.nonce));
    expect(refused.size).toBe(socket.all("error").length);
    await other.settled();
    expect(other.all("error")).toEqual([]);

    // After a second there are fifty more, for the same sends too: nothing of them was kept.
    clock.jump(1_000);
    const again = [...refused].slice(0, 50);
    const before = socket.all("ack").length;
    for (const nonce of again) {
      if (nonce !== undefined) socket.say({ type: "send", room_id: room.id, nonce, content: nonce });
    }
    await socket.until(() => socket.all("ack").length === before + 50);
    expect((await ann.api.messages(room.id)).n).toBe(socket.all("ack").length);
    socket.close();
    other.close();
  });

  test("in excess is answered on the plain socket as well [L4]", async () => {
    await using server = await startTestServer();
    const ann = await person(server.url, "ann");
    const socket = await RawSocket.open(server.url, "/ws/tea", await ann.token());
    await socket.hears("active_users");
    for (let at = 0; at < 260; at++) socket.sayText(`flood ${at}`);
    await socket.until(() => socket.all("message").length + socket.all("error").length === 260);
    expect(new Set(socket.all("error").map((error) => error.code))).toEqual(new Set(["rate_limited"]));
    expect(socket.all("message").length).toBeLessThan(240);
    socket.close();
  });
});

describe("a flood of frames", () => {
  test("is answered for a while, long ones without a word of what they are about, and then closed with 4429 [L4]", async () => {
    await using server = await startTestServer();
    const [ann, ben] = await people(server.url, "ann", "ben");
    const { id } = await ann.api.createRoom({ name: "tea" });
    await ann.api.addMembers(id, [ben.id]);
    const quiet = await RawSocket.ready(server.url, await ben.token(), { open: [id] });
    for (const path of ["/ws", `/ws/${id}`]) {
      const socket = await RawSocket.open(server.url, path, await ann.token());
      socket.say({ type: "hello" });
      for (let at = 0; at < limits.frameBurst + 150; at++) socket.say({ type: "ping" });
      const long = { type: "send", room_id: id, nonce: "long", content: "x".repeat(limits.excessBytes) } as const;
      for (let at = 0; at < 5; at++) socket.say(long);
      for (let at = 0; at < 2_000; at++) socket.say({ type: "ping" });
      expect([path, (await socket.closes()).code]).toEqual([path, 4429]);
      const excess = socket.all("error").filter(({ code }) => code === "rate_limited");
      expect(excess.length).toBe(limits.framesInExcess);
      expect(excess.filter(({ nonce }) => nonce !== undefined)).toEqual([]);
    }
    await quiet.settled();
    expect(quiet.all("error")).toEqual([]);
    expect(quiet.closed).toBeNull();
    quiet.close();
  });
});

describe("a session that ends", () => {
  test("closes its sockets with 4401 within two seconds, and no others [L6]", async () => {
    await using server = await startTestServer();
    const ann = await person(server.url, "ann");
    const room = await ann.api.createRoom({ name: "tea" });
    const other = { ...ann, session: null };
    const token = await logIn(server.url, other.username, other.password);
    const sockets = [
      await RawSocket.ready(server.url, token),
      await RawSocket.open(server.url, "/ws", token),
      await RawSocket.open(server.url, `/ws/${room.id}`, token),
    ];
    const kept = await RawSocket.ready(server.url, await ann.token());
    const { items } = await ann.api.sessions();
    const ended = items.find((session) => !session.current);
    const at = performance.now();
    await ann.api.endSession(ended?.id ?? "");
    for (const socket of sockets) expect((await socket.closes()).code).toBe(4401);
    expect(performance.now() - at).toBeLessThan(2_000);
    await kept.settled();
    expect(kept.closed).toBeNull();
    const late = await RawSocket.open(server.url, "/ws", token);
    expect((await late.closes()).code).toBe(4401);
    kept.close();
  });

  test("by logging out, or by a new password, closes the sockets too [L6]", async () => {
    await using server = await startTestServer();
    const ann = await person(server.url, "ann");
    const token = await logIn(server.url, ann.username, ann.password);
    const other = await RawSocket.ready(server.url, token);
    const own = await RawSocket.ready(server.url, await ann.token());
    await ann.api.changePassword({ current_password: ann.password, new_password: "another long password" });
    expect((await other.closes()).code).toBe(4401);
    await own.settled();
    expect(own.closed).toBeNull();
    await ann.api.logOut();
    expect((await own.closes()).code).toBe(4401);
  });

  test("while a socket of it is being opened closes that one as well, a hundred times [L6]", async () => {
    await using server = await startTestServer({ RATE_LIMITS: "off" });
    const ann = await person(server.url, "ann");
    for (let trial = 0; trial < 100; trial++) {
      const token = await logIn(server.url, ann.username, ann.password);
      const { items } = await ann.api.sessions();
      const ended = items.find((session) => !session.current)?.id ?? "";
      const opening = RawSocket.open(server.url, "/ws", token);
      const ending = ann.api.endSession(ended);
      const socket = await opening;
      socket.say({ type: "hello" });
      await ending;
      expect((await socket.closes()).code).toBe(4401);
    }
  }, 20_000);

  test("is not the end of a token: a socket outlives its token's time [L6]", async () => {
    const clock = new JumpingClock();
    await using server = await startTestServer({}, { clock });
    const ann = await person(server.url, "ann");
    const room = await ann.api.createRoom({ name: "tea" });
    const socket = await RawSocket.ready(server.url, await ann.token());
    clock.jump((limits.accessTokenSeconds + 60) * 1_000);
    socket.say({ type: "send", room_id: room.id, nonce: "late", content: "still here" });
    await socket.hears("ack");
    expect(socket.closed).toBeNull();
    socket.close();
  });
});

async function logIn(base: string, username: string, password: string): Promise<string> {
  const answer = await fetch(`${base}/api/v1/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}
