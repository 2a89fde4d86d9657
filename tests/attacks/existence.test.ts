import { afterAll, beforeAll, expect, test } from "bun:test";
import { endpoints } from "#server/http/app.ts";
import { type Answer, askApi, logIn } from "#tests/api/ask.ts";
import { assemble, type Cast, type Scene, setScene } from "#tests/attacks/cast.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

const OUTSIDE = ["stranger", "left", "removed", "server admin"] as const;
const UNKNOWN: Scene = { room: 900_000, message: 900_000 };
let server: TestServer;
let cast: Cast;
/** A private room with talk in it, and one that was there. */
let secret: Scene;
let deleted: Scene;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  cast = await assemble(server);
  secret = await setScene(server, cast, "private");
  deleted = await setScene(server, cast, "private");
  await server.store.write("delete-room", { userId: cast.persons["room admin"].id }, { roomId: deleted.room });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Everything that an answer says, but for what is different every time. */
function whole(answer: Answer): string {
  const changing = ["x-request-id", "date"];
  const headers = [...answer.headers].filter(([name]) => !changing.includes(name)).sort();
  return JSON.stringify([answer.status, headers, answer.text]);
}

const BODIES: Readonly<Record<string, (scene: Scene) => unknown>> = {
  "patch /rooms/{id}": () => ({ name: "another name" }),
  "post /rooms/{id}/members": () => ({ user_ids: [cast.extra.id, 1] }),
  "put /rooms/{id}/read": () => ({ seq: 1 }),
  "put /rooms/{id}/threads/{root}/read": () => ({ seq: 1 }),
  "put /rooms/{id}/draft": () => ({ content: "not yet" }),
  "put /rooms/{id}/notify": () => ({ level: "all" }),
  "put /rooms/{id}/threads/{root}/notify": () => ({ level: "all" }),
  "patch /rooms/{id}/mine": () => ({ favourite: true }),
  "post /rooms/{id}/bans": () => ({ user_id: cast.persons.member.id, reason: "" }),
  "post /rooms/{id}/scheduled": () => ({ content: "later", at: "2999-01-01T00:00:00.000Z", nonce: "another nonce" }),
  "post /rooms/{id}/messages": () => ({ content: "hello", nonce: "the same nonce" }),
};

/** One's own mark is taken off whatever became of what it was on. */
const ALIKE: Readonly<Record<string, number>> = { "delete /messages/{id}/saved": 204 };

test("at every address an id that is not there, one that is deleted and one that is not to be seen are the same answer", async () => {
  const withIds = endpoints.filter((endpoint) => /^\/(rooms|messages)\/\{id\}/.test(endpoint.path));
  expect(withIds.length).toBeGreaterThanOrEqual(13);
  for (const endpoint of withIds) {
    const key = `${endpoint.method} ${endpoint.path}`;
    for (const outside of OUTSIDE) {
      const token = await cast.persons[outside].token();
      const answers = new Set<string>();
      for (const scene of [UNKNOWN, secret, deleted]) {
        const id = endpoint.path.startsWith("/messages") ? scene.message : scene.room;
        const path = endpoint.path
          .replace("{id}", String(id))
          .replace("{root}", String(scene.message))
          .replace("{emoji}", "%F0%9F%8D%B0")
          .replace("{user_id}", String(cast.persons.member.id));
        const json = BODIES[key]?.(scene);
        const answer = await askApi(
          server.url,
          endpoint.method.toUpperCase(),
          path,
          json === undefined ? { token } : { token, json },
        );
        expect({ key, outside, status: answer.status }).toEqual({ key, outside, status: ALIKE[key] ?? 404 });
        answers.add(whole(answer));
      }
      expect({ key, outside, answers: answers.size }).toEqual({ key, outside, answers: 1 });
    }
  }
});

test("a wrong request about a room says no more when the room is there", async () => {
  const token = await cast.persons.stranger.token();
  for (const [method, path, json] of [
    ["GET", "/messages?limit=0", undefined],
    ["GET", "/messages?before=1&after=1", undefined],
    ["POST", "/messages", { content: "" }],
    ["POST", "/messages", { content: "x".repeat(9_000) }],
    ["PATCH", "", { name: "" }],
    ["PATCH", "", { nothing: 1 }],
    ["POST", "/members", { user_ids: [999_999] }],
    ["DELETE", "/members/999999", undefined],
    ["PUT", "/read", { seq: -1 }],
    ["PUT", "/read", { seq: 999_999 }],
  ] as const) {
    const ask = async (scene: Scene) =>
      whole(
        await askApi(
          server.url,
          method,
          `/rooms/${scene.room}${path}`,
          json === undefined ? { token } : { token, json },
        ),
      );
    expect({ path, answer: await ask(secret) }).toEqual({ path, answer: await ask(UNKNOWN) });
  }
});

test("[R5] on a socket every frame about a room that is not there or not to be seen has the same answer", async () => {
  for (const outside of OUTSIDE) {
    const token = await cast.persons[outside].token();
    const heardOf = async ({ room }: Scene) => {
      const socket = await RawSocket.open(server.url, "/ws", token);
      socket.say({ type: "hello", epoch: server.store.epoch, rooms: { [room]: 0 }, open: [room] });
      await socket.hears("ready");
      const { epoch } = server.store;
      for (const [index, seq] of [0, 1, 3, 99].entries()) {
        socket.say({ type: "open", room_id: room, epoch: seq === 3 ? "another" : epoch, seq });
        await socket.until(() => socket.all("closed").length === index + 2);
      }
      socket.say({ type: "send", room_id: room, nonce: `n${outside}`, content: "hello" });
      socket.say({ type: "send", room_id: room, nonce: `m${outside}`, content: " " });
      socket.say({ type: "read", room_id: room, seq: 3 });
      socket.say({ type: "typing", room_id: room });
      socket.say({ type: "close", room_id: room });
      await socket.until(() => socket.all("error").length >= 3);
      await socket.settled();
      const told = ["closed", "error", "opened", "resync", "message", "typing", "hidden", "at"];
      const about = socket.heard.filter((frame) => told.includes(frame.type));
      socket.close();
      return about.map((frame) => JSON.stringify(frame).replace(`"room_id":${room}`, "")).sort();
    };
    const unknown = await heardOf(UNKNOWN);
    expect(unknown.filter((frame) => frame.includes("not_found"))).toHaveLength(7);
    expect({ outside, heard: await heardOf(secret) }).toEqual({ outside, heard: unknown });
    expect({ outside, heard: await heardOf(deleted) }).toEqual({ outside, heard: unknown });
  }
}, 20_000);

test("[W5] at a room's own socket an id that is not there and one that is not to be seen are closed alike", async () => {
  for (const outside of OUTSIDE) {
    const token = await cast.persons[outside].token();
    const closed = async ({ room }: Scene) => {
      const socket = await RawSocket.open(server.url, `/ws/${room}`, token);
      const { code, reason } = await socket.closes();
      return { code, reason, heard: socket.heard };
    };
    const unknown = await closed(UNKNOWN);
    expect(unknown).toMatchObject({ code: 4404, heard: [] });
    expect(await closed(secret)).toEqual(unknown);
    expect(await closed(deleted)).toEqual(unknown);
  }
});

test("[W1] the name of a private room leads those outside it to a public room of their own, as an unused name does", async () => {
  const owner = { userId: cast.persons["room admin"].id };
  const args = { name: "hidden plan", kind: "private", setting: "everyone" } as const;
  const { id } = await server.store.write("create-room", owner, args);
  const token = await cast.persons.stranger.token();
  const enter = async (name: string) => {
    const socket = await RawSocket.open(server.url, `/ws/${encodeURIComponent(name)}`, token);
    const { messages } = await socket.hears("history");
    const { users, room_id } = await socket.hears("active_users");
    socket.close();
    return { messages, users: users.length, room_id };
  };
  const taken = await enter("hidden plan");
  const free = await enter("free plan");
  expect(taken.room_id).not.toBe(id);
  expect({ ...taken, room_id: 0 }).toEqual({ ...free, room_id: 0 });
  for (const name of ["Hidden Plan", "free plan"]) {
    expect((await askApi(server.url, "POST", "/rooms", { token, json: { name } })).status).toBe(409);
  }
});

test("no list, stream or count of somebody outside names a private room", async () => {
  const name = (await server.store.read("room", { userId: cast.persons["room admin"].id }, { roomId: secret.room }))
    .name;
  for (const outside of OUTSIDE) {
    const token = await cast.persons[outside].token();
    for (const path of ["/rooms?limit=100", "/rooms?limit=100&mine=true", "/me", "/me/sessions", "/users?limit=100"]) {
      expect((await askApi(server.url, "GET", path, { token })).text).not.toContain(name);
    }
    const socket = await RawSocket.ready(server.url, token);
    expect(JSON.stringify(socket.heard)).not.toContain(name);
    expect(socket.all("at").map((at) => at.room_id)).not.toContain(secret.room);
    expect(socket.all("me").flatMap((me) => me.rooms.map((row) => row.room.id))).not.toContain(secret.room);
    socket.close();
  }
});

test("a session of somebody else and one that is not there are the same answer", async () => {
  const { access_token } = await logIn(server.url, cast.persons.member);
  const items = (await askApi(server.url, "GET", "/me/sessions", { token: access_token })).body as {
    items: { id: string }[];
  };
  const token = await cast.persons.stranger.token();
  const end = (id: string | undefined) => askApi(server.url, "DELETE", `/me/sessions/${id}`, { token });
  const [real, none] = [await end(items.items[0]?.id), await end("A".repeat(24))];
  expect(whole(real)).toBe(whole(none));
  expect((await askApi(server.url, "GET", "/me", { token: access_token })).status).toBe(200);
});

test("an unknown id takes no other time than one that is not to be seen", async () => {
  const token = await cast.persons.stranger.token();
  const path = (scene: Scene) => `/rooms/${scene.room}/messages`;
  const took = { unknown: [] as number[], secret: [] as number[] };
  for (let n = 0; n < 400; n++) {
    // In turns, so that whatever else the machine does befalls both.
    for (const [key, scene] of [
      ["unknown", UNKNOWN],
      ["secret", secret],
    ] as const) {
      const begun = performance.now();
      await askApi(server.url, "GET", path(scene), { token });
      took[key].push(performance.now() - begun);
    }
  }
  const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
  const ratio = median(took.secret) / median(took.unknown);
  expect(ratio).toBeGreaterThan(0.7);
  expect(ratio).toBeLessThan(1.4);
}, 20_000);
