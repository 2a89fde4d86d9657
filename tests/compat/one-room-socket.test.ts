import { afterAll, beforeAll, expect, test } from "bun:test";
import { askRaw } from "#tests/compat/ask-raw.ts";
import { JumpingClock } from "#tests/support/jumping-clock.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

/** What old clients rely on at /ws/{room} and the documents promise, by raw sockets. */

const clock = new JumpingClock();
let server: TestServer;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" }, { clock });
  [ann, ben] = await people(server.url, "ann", "ben");
});
afterAll(() => server[Symbol.asyncDispose]());

const open = (path: string, token: string | null = null) => RawSocket.open(server.url, path, token);

function withProtocols(path: string, protocols: string[]): Promise<{ code: number | null; protocol: string }> {
  return new Promise((resolve) => {
    const socket = new WebSocket(server.url.replace("http", "ws") + path, protocols);
    socket.onmessage = () => {
      resolve({ code: null, protocol: socket.protocol });
      socket.close();
    };
    socket.onclose = ({ code }) => resolve({ code, protocol: socket.protocol });
  });
}

test("a first frame with the token comes within five seconds, or the socket is closed with 4401 [H1, W5]", async () => {
  const late = await open("/ws/proofs");
  clock.jump(5_000);
  expect((await late.closes()).code).toBe(4401);
  const early = await open("/ws/proofs");
  early.sayText(JSON.stringify({ type: "auth", token: await ann.token() }));
  await early.hears("active_users");
  early.close();
  for (const first of ["", "{}", '{"token":""}', '{"token":7}', "null", "[1]", '{"token":"nonsense"}']) {
    const wrong = await open("/ws/proofs");
    wrong.sayText(first);
    expect({ first, code: (await wrong.closes()).code }).toEqual({ first, code: 4401 });
    expect(wrong.heard).toEqual([]);
  }
});

test("every other proof opens it too, and one that is present and not valid closes it at once [H1, W5]", async () => {
  const token = await ann.token();
  const { body } = await askRaw(server.url, "POST", "/api/v1/ticket", { token });
  for (const socket of [
    await open("/ws/proofs", token),
    await open(`/ws/proofs?token=${token}`),
    await open(`/ws/proofs/?token=${token}`),
    await open(`/ws/proofs?ticket=${body.ticket}`),
  ]) {
    await socket.hears("active_users");
    socket.close();
  }
  expect(await withProtocols("/ws/proofs", ["parlour.v1", `bearer.${token}`])).toEqual({
    code: null,
    protocol: "parlour.v1",
  });
  expect((await withProtocols("/ws/proofs", ["parlour.v1", "bearer.nonsense"])).code).toBe(4401);
  for (const query of ["token=", "token=nonsense", "ticket=", `ticket=${body.ticket}`, `token=${token}.`]) {
    const socket = await open(`/ws/proofs?${query}`);
    expect({ query, code: (await socket.closes()).code }).toEqual({ query, code: 4401 });
  }
});

test("an ack names the room, the id and the seq, and goes to whoever sent a nonce alone [W2, W3]", async () => {
  const one = await open("/ws/acks", await ann.token());
  const { room_id } = await one.hears("active_users");
  const two = await open("/ws/acks", await ben.token());
  await two.hears("active_users");
  one.sayText('{"content":"named","nonce":"n1"}');
  const ack = await one.hears("ack");
  const message = await two.hears("message");
  expect(ack).toMatchObject({ nonce: "n1", room_id, id: message.id, seq: message.seq });
  await one.hears("message");
  expect(two.all("ack")).toEqual([]);
  for (const socket of [one, two]) socket.close();
});

test("the notices carry who, where and when; a cut is told after three seconds, a close at once [P1]", async () => {
  const one = await open("/ws/notices", await ann.token());
  const { room_id } = await one.hears("active_users");
  const two = await open("/ws/notices", await ben.token());
  await two.hears("active_users");
  const notice = { user_id: ben.id, username: "ben", room_id };
  const last = () => one.heard.at(-1);
  await one.until(() => last()?.type === "join");
  expect(last()).toMatchObject({ ...notice, timestamp: expect.stringMatching(/Z$/) });
  // One person's second socket is no news.
  const again = await open("/ws/notices", await ben.token());
  await again.hears("active_users");
  two.close();
  again.cut();
  one.sayText("between");
  await one.hears("message");
  expect(one.heard.filter((frame) => frame.type === "leave")).toEqual([]);
  await one.until(() => {
    clock.jump(1_000);
    return last()?.type === "leave";
  });
  expect(last()).toMatchObject(notice);
  one.close();
});

test("a person who makes rooms too fast by naming them is told so [W5]", async () => {
  await using limited = await startTestServer();
  const [fast] = await people(limited.url, "fast");
  const token = await fast.token();
  for (let room = 0; room < 60; room++) {
    const json = { name: `room ${room}` };
    expect((await askRaw(limited.url, "POST", "/room/", { token, json })).status).toBe(201);
  }
  const socket = await RawSocket.open(limited.url, "/ws/one more", token);
  expect((await socket.closes()).code).toBe(4429);
  expect((await askRaw(limited.url, "POST", "/room/", { token, json: { name: "x" } })).status).toBe(429);
});

// Last: it leaves everybody's tokens behind.
test("a socket outlives its token's time and not its session [L6]", async () => {
  await askRaw(server.url, "POST", "/signup", { json: { username: "cara", password: "cara's password" } });
  const login = { json: { username: "cara", password: "cara's password" } };
  const { access_token } = (await askRaw(server.url, "POST", "/login", login)).body;
  const socket = await open(`/ws/outlives?token=${access_token}`);
  await socket.hears("active_users");
  clock.jump(12 * 3_600_000 - 60_000);
  expect((await askRaw(server.url, "GET", "/auth/me", { token: access_token })).status).toBe(200);
  clock.jump(120_000);
  expect((await askRaw(server.url, "GET", "/auth/me", { token: access_token })).status).toBe(401);
  expect((await (await open(`/ws/outlives?token=${access_token}`)).closes()).code).toBe(4401);
  socket.sayText("still here");
  await socket.hears("message");
  const { body } = await askRaw(server.url, "POST", "/auth/login", login);
  const json = { current_password: "cara's password", new_password: "cara's new password" };
  await askRaw(server.url, "POST", "/user/update_password", { token: body.access_token, json });
  expect((await socket.closes()).code).toBe(4401);
});
