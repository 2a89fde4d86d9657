import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Asked, askRaw } from "#tests/compat/ask-raw.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

/** The documented requests of the system with rooms by name, in their order, against an empty server. */

let server: TestServer;
let token: string;
let other: string;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (method: string, path: string, asked?: Asked) => askRaw(server.url, method, path, asked);

test("people sign up with a role and log in to a token", async () => {
  const admin = { username: "user1", password: "adminpass", role: "admin" };
  expect((await ask("POST", "/signup", { json: admin })).body).toMatchObject({ id: 1, role: "admin", email: null });
  const json = { username: "user2", password: "userpass", role: "user" };
  expect(await ask("POST", "/signup/", { json })).toMatchObject({ status: 201, body: { id: 2, username: "user2" } });
  const login = await ask("POST", "/login", { json: { username: "user2", password: "userpass" } });
  expect(login.status).toBe(200);
  expect(Object.keys(login.body).sort()).toEqual(["access_token", "expires_in", "token_type"]);
  token = login.body.access_token;
  other = (await ask("POST", "/login/", { form: admin })).body.access_token;
});

test("connecting to a name makes the room, and what is said as message is heard as one", async () => {
  const one = await RawSocket.open(server.url, `/ws/room1?token=${token}`, null);
  const { room_id } = await one.hears("active_users");
  const two = await RawSocket.open(server.url, `/ws/room1?token=${other}`, null);
  expect((await two.hears("active_users")).room_id).toBe(room_id);
  one.sayText('{"message": "Hello, what\'s up?"}');
  for (const socket of [one, two]) {
    expect(await socket.hears("message")).toMatchObject({ content: "Hello, what's up?", username: "user2", room_id });
  }
  const rooms = await ask("GET", "/rooms/", { token });
  expect(rooms.body).toMatchObject([{ id: room_id, name: "room1", kind: "public" }]);
  for (const socket of [one, two]) socket.close();
});

test("a name may be anything that is one, percent-encoded; digits alone are an id", async () => {
  for (const name of ["Übergröße", "a b", "人", "room/with/slashes", "50% off?"]) {
    const socket = await RawSocket.open(server.url, `/ws/${encodeURIComponent(name)}?token=${token}`, null);
    const { room_id } = await socket.hears("active_users");
    expect((await ask("GET", `/rooms/${room_id}`, { token })).body.name).toBe(name);
    socket.close();
  }
  const digits = await RawSocket.open(server.url, `/ws/12345?token=${token}`, null);
  expect((await digits.closes()).code).toBe(4404);
});

test("a token in the query that is not valid is refused at once, the empty one too", async () => {
  for (const wrong of ["", "nonsense", `${token}x`]) {
    const socket = await RawSocket.open(server.url, `/ws/room1?token=${wrong}`, null);
    expect((await socket.closes()).code).toBe(4401);
    expect(socket.heard).toEqual([]);
  }
  expect(server.logged.join("\n")).not.toContain(token);
});

test("the pages of the web go on working on the same addresses", async () => {
  for (const path of ["/", "/login", "/signup", "/chat", "/chat/1", "/login/"]) {
    const page = await ask("GET", path, { headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" } });
    expect({ path, status: page.status }).toEqual({ path, status: 200 });
    expect(page.headers.get("content-type")).toStartWith("text/html");
  }
  expect((await ask("GET", "/login")).status).toBe(200);
  const wrong = await ask("DELETE", "/login");
  expect(wrong).toMatchObject({ status: 405, body: { detail: "This address takes GET, POST." } });
});

test("unknown keys are ignored, wrong ones told in a list", async () => {
  const json = { username: "user3", password: "userpass3", full_name: "x", is_admin: true, id: 1 };
  expect((await ask("POST", "/signup", { json })).body).toMatchObject({ id: 3, role: "user" });
  const wrong = await ask("POST", "/signup", { json: { username: 7, role: "owner" } });
  expect(wrong.status).toBe(422);
  expect(wrong.body.detail.map((fault: { loc: string[] }) => fault.loc.join("."))).toEqual([
    "body.username",
    "body.password",
    "body.role",
  ]);
  const short = await ask("POST", "/signup", { json: { username: "user4", password: "short" } });
  expect(short).toMatchObject({ status: 422, body: { detail: [{ loc: ["body", "password"] }] } });
  expect(short.text).not.toContain('"short"');
});
