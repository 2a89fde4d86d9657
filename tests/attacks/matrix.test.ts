import { afterAll, beforeAll, expect, test } from "bun:test";
import { endpoints } from "#server/http/app.ts";
import { ClientFrame } from "#shared/frames.ts";
import { type Answer, askApi, logIn } from "#tests/api/ask.ts";
import {
  assemble,
  type Cast,
  GUEST_STANDINGS,
  KINDS,
  type Kind,
  type Scene,
  STANDINGS,
  type Standing,
  seatGuests,
  setScene,
} from "#tests/attacks/cast.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let cast: Cast;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  cast = await assemble(server);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

type Six = readonly [number, number, number, number, number, number];

interface RoomRow {
  readonly json?: (cast: Cast) => unknown;
  /** In the order of STANDINGS. */
  readonly public: Six;
  readonly private: Six;
}

/** Addresses about one room: what each standing is answered, by the kind of the room. */
const ROOM_ROWS: Readonly<Record<string, RoomRow>> = {
  "get /rooms/{id}": { public: [200, 200, 200, 200, 200, 200], private: [404, 404, 404, 200, 200, 404] },
  "patch /rooms/{id}": {
    json: () => ({ description: "changed" }),
    public: [403, 403, 403, 403, 200, 200],
    private: [404, 404, 404, 403, 200, 404],
  },
  "delete /rooms/{id}": { public: [403, 403, 403, 403, 204, 204], private: [404, 404, 404, 403, 204, 404] },
  "post /rooms/{id}/join": { public: [200, 200, 403, 200, 200, 200], private: [404, 404, 404, 200, 200, 404] },
  // The room's only admin names another before they leave.
  "post /rooms/{id}/leave": { public: [204, 204, 204, 204, 409, 204], private: [404, 404, 404, 204, 409, 404] },
  "get /rooms/{id}/members": { public: [200, 200, 403, 200, 200, 200], private: [404, 404, 404, 200, 200, 404] },
  "post /rooms/{id}/members": {
    json: ({ extra }) => ({ user_ids: [extra.id] }),
    public: [403, 403, 403, 403, 204, 204],
    private: [404, 404, 404, 403, 204, 404],
  },
  "delete /rooms/{id}/members/{user_id}": {
    public: [403, 403, 403, 403, 204, 204],
    private: [404, 404, 404, 403, 204, 404],
  },
  "put /rooms/{id}/members/{user_id}/role": {
    json: () => ({ role: "moderator" }),
    public: [403, 403, 403, 403, 204, 204],
    private: [404, 404, 404, 403, 204, 404],
  },
  "post /rooms/{id}/transfer": {
    json: ({ persons }) => ({ user_id: persons.member.id }),
    public: [403, 403, 403, 403, 204, 204],
    private: [404, 404, 404, 403, 204, 404],
  },
  "post /rooms/{id}/bans": {
    json: ({ extra }) => ({ user_id: extra.id, reason: "for a reason" }),
    public: [403, 403, 403, 403, 204, 204],
    private: [404, 404, 404, 403, 204, 404],
  },
  "delete /rooms/{id}/bans/{user_id}": {
    public: [403, 403, 403, 403, 204, 204],
    private: [404, 404, 404, 403, 204, 404],
  },
  "get /rooms/{id}/removed": { public: [403, 403, 403, 403, 200, 200], private: [404, 404, 404, 403, 200, 404] },
  "get /rooms/{id}/active": { public: [200, 200, 403, 200, 200, 200], private: [404, 404, 404, 200, 200, 404] },
  "patch /rooms/{id}/mine": {
    json: () => ({ favourite: true }),
    public: [403, 403, 403, 204, 204, 403],
    private: [404, 404, 404, 204, 204, 404],
  },
  "put /rooms/{id}/read": {
    json: () => ({ seq: 3 }),
    public: [403, 403, 403, 204, 204, 403],
    private: [404, 404, 404, 204, 204, 404],
  },
  "put /rooms/{id}/notify": {
    json: () => ({ level: "nothing" }),
    public: [403, 403, 403, 204, 204, 403],
    private: [404, 404, 404, 204, 204, 404],
  },
  "get /rooms/{id}/messages": { public: [200, 200, 403, 200, 200, 200], private: [404, 404, 404, 200, 200, 404] },
  "post /rooms/{id}/messages": {
    json: () => ({ content: "hello" }),
    public: [403, 403, 403, 201, 201, 403],
    private: [404, 404, 404, 201, 201, 404],
  },
  "get /rooms/{id}/threads/{root}/messages": {
    public: [200, 200, 403, 200, 200, 200],
    private: [404, 404, 404, 200, 200, 404],
  },
  "put /rooms/{id}/threads/{root}/follow": {
    public: [403, 403, 403, 204, 204, 403],
    private: [404, 404, 404, 204, 204, 404],
  },
  "delete /rooms/{id}/threads/{root}/follow": {
    public: [403, 403, 403, 204, 204, 403],
    private: [404, 404, 404, 204, 204, 404],
  },
  "put /rooms/{id}/threads/{root}/notify": {
    json: () => ({ level: "mentions" }),
    public: [403, 403, 403, 204, 204, 403],
    private: [404, 404, 404, 204, 204, 404],
  },
  "put /rooms/{id}/threads/{root}/read": {
    json: () => ({ seq: 3 }),
    public: [403, 403, 403, 204, 204, 403],
    private: [404, 404, 404, 204, 204, 404],
  },
  "get /messages/{id}": { public: [200, 200, 403, 200, 200, 200], private: [404, 404, 404, 200, 200, 404] },
  // The message is the room admin's.
  "patch /messages/{id}": {
    json: () => ({ content: "other words" }),
    public: [403, 403, 403, 403, 200, 403],
    private: [404, 404, 404, 403, 200, 404],
  },
  "delete /messages/{id}": { public: [403, 403, 403, 403, 204, 204], private: [404, 404, 404, 403, 204, 404] },
  "post /messages/{id}/erase": { public: [403, 403, 403, 403, 403, 200], private: [404, 404, 404, 403, 403, 404] },
  "get /messages/{id}/texts": { public: [200, 200, 403, 200, 200, 200], private: [404, 404, 404, 200, 200, 404] },
  "get /messages/{id}/why": { public: [200, 200, 403, 200, 200, 200], private: [404, 404, 404, 200, 200, 404] },
  "get /messages/{id}/reactions": { public: [200, 200, 403, 200, 200, 200], private: [404, 404, 404, 200, 200, 404] },
  "put /messages/{id}/unread": { public: [403, 403, 403, 204, 204, 403], private: [404, 404, 404, 204, 204, 404] },
  "put /rooms/{id}/draft": {
    json: () => ({ content: "not yet" }),
    public: [403, 403, 403, 200, 200, 403],
    private: [404, 404, 404, 200, 200, 404],
  },
  "put /messages/{id}/saved": { public: [200, 200, 403, 200, 200, 200], private: [404, 404, 404, 200, 200, 404] },
  "post /rooms/{id}/scheduled": {
    json: () => ({ content: "later", at: inAnHour() }),
    public: [403, 403, 403, 201, 201, 403],
    private: [404, 404, 404, 201, 201, 404],
  },
  "get /rooms/{id}/pinned": { public: [200, 200, 403, 200, 200, 200], private: [404, 404, 404, 200, 200, 404] },
  "get /rooms/{id}/pins": { public: [200, 200, 403, 200, 200, 200], private: [404, 404, 404, 200, 200, 404] },
  "put /messages/{id}/pin": { public: [403, 403, 403, 403, 200, 200], private: [404, 404, 404, 403, 200, 404] },
  "delete /messages/{id}/pin": { public: [403, 403, 403, 403, 200, 200], private: [404, 404, 404, 403, 200, 404] },
  "put /messages/{id}/reactions/{emoji}": {
    public: [403, 403, 403, 200, 200, 403],
    private: [404, 404, 404, 200, 200, 404],
  },
  "delete /messages/{id}/reactions/{emoji}": {
    public: [403, 403, 403, 200, 200, 403],
    private: [404, 404, 404, 200, 200, 404],
  },
};

interface OtherRow {
  readonly json?: unknown;
  readonly path?: () => Promise<string> | string;
  readonly nobody: number;
  readonly revoked: number;
  readonly person: number;
  /** Where it is not as for anybody else. */
  readonly guest?: number;
  readonly admin: number;
}

const login = { username: "extra", password: "extra's long password" };
let names = 0;

/** Addresses about no room. `person` is somebody with a session made for the question, `admin` the server's admin. */
const OTHER_ROWS: Readonly<Record<string, OtherRow>> = {
  "get /info": { nobody: 200, revoked: 200, person: 200, admin: 200 },
  "post /signup": {
    json: () => ({ username: `made ${++names}`, password: "long enough" }),
    nobody: 201,
    // A token that is no longer valid is none; what needs one is refused with 401 then.
    revoked: 201,
    person: 201,
    admin: 201,
  },
  "post /token": { json: login, nobody: 200, revoked: 200, person: 200, admin: 200 },
  "post /token/refresh": { json: { refresh_token: "a.0.b" }, nobody: 401, revoked: 401, person: 401, admin: 401 },
  "post /logout": { nobody: 401, revoked: 401, person: 204, admin: 204 },
  "post /ticket": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  "get /me": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  "post /me/password": {
    json: { current_password: "wrong", new_password: "long enough" },
    nobody: 401,
    revoked: 401,
    person: 401,
    admin: 401,
  },
  "post /password-link/look": { json: { token: "a guess" }, nobody: 404, revoked: 404, person: 404, admin: 404 },
  "post /password-link": {
    json: { token: "a guess", new_password: "long enough" },
    nobody: 404,
    revoked: 404,
    person: 404,
    admin: 404,
  },
  "get /me/saved": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  // One that one may not see, as one that one never saved.
  "delete /messages/{id}/saved": {
    path: () => "/messages/999999/saved",
    nobody: 401,
    revoked: 401,
    person: 204,
    admin: 204,
  },
  "get /me/scheduled": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  "patch /scheduled/{id}": {
    path: () => scheduledByStranger(),
    json: { content: "other words" },
    nobody: 401,
    revoked: 401,
    person: 404,
    admin: 404,
  },
  "delete /scheduled/{id}": {
    path: () => scheduledByStranger(),
    nobody: 401,
    revoked: 401,
    person: 404,
    admin: 404,
  },
  "get /me/sessions": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  // The session of somebody else, for the person as for the admin.
  "delete /me/sessions/{id}": {
    path: async () => `/me/sessions/${await sessionOfStranger()}`,
    nobody: 401,
    revoked: 401,
    person: 404,
    admin: 404,
  },
  "get /me/threads": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  "get /me/blocks": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  "put /me/blocks/{user_id}": {
    path: () => `/me/blocks/${cast.persons.left.id}`,
    nobody: 401,
    revoked: 401,
    person: 204,
    guest: 404,
    admin: 204,
  },
  "delete /me/blocks/{user_id}": {
    path: () => `/me/blocks/${cast.persons.left.id}`,
    nobody: 401,
    revoked: 401,
    person: 204,
    admin: 204,
  },
  "get /me/export": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  "get /me/push": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  // The server of this test has it off.
  "post /me/push": {
    json: { endpoint: "https://push.example.org/1", keys: { p256dh: "a", auth: "b" }, words: false },
    nobody: 401,
    revoked: 401,
    person: 403,
    admin: 403,
  },
  "post /me/push/test": { nobody: 401, revoked: 401, person: 403, admin: 403 },
  "delete /me/push": { nobody: 401, revoked: 401, person: 204, admin: 204 },
  "post /users/{id}/erase": {
    path: () => `/users/999999/erase`,
    json: { words: "keep" },
    nobody: 401,
    revoked: 401,
    person: 403,
    admin: 404,
  },
  "patch /me/profile": { json: { hue: 7 }, nobody: 401, revoked: 401, person: 200, admin: 200 },
  "get /users": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  "get /presence": {
    path: () => `/presence?ids=${cast.persons.stranger.id}`,
    nobody: 401,
    revoked: 401,
    person: 200,
    admin: 200,
  },
  "get /users/{id}": {
    path: () => `/users/${cast.persons.stranger.id}`,
    nobody: 401,
    revoked: 401,
    person: 200,
    guest: 404,
    admin: 200,
  },
  // Somebody else, for the person; for the admin as well.
  "patch /users/{id}": {
    path: () => `/users/${cast.persons.stranger.id}`,
    json: { email: "set@example.org" },
    nobody: 401,
    revoked: 401,
    person: 403,
    admin: 200,
  },
  "get /house/accounts": { nobody: 401, revoked: 401, person: 403, admin: 200 },
  "get /house/erased": { nobody: 401, revoked: 401, person: 403, admin: 200 },
  "get /house/may": {
    path: () => "/house/may?user=1&room=999999",
    nobody: 401,
    revoked: 401,
    person: 403,
    admin: 404,
  },
  "get /house/rooms/by-size": { nobody: 401, revoked: 401, person: 403, admin: 200 },
  "get /house/settings": { nobody: 401, revoked: 401, person: 403, admin: 200 },
  "put /house/settings/{name}": {
    path: () => "/house/settings/room_creation",
    json: { value: "everyone" },
    nobody: 401,
    revoked: 401,
    person: 403,
    admin: 200,
  },
  "get /house/health": { nobody: 401, revoked: 401, person: 403, admin: 200 },
  "get /house/audit": { nobody: 401, revoked: 401, person: 403, admin: 200 },
  "get /house/audit/export": { nobody: 401, revoked: 401, person: 403, admin: 200 },
  "post /users/{id}/password-link": {
    path: () => `/users/${cast.persons.stranger.id}/password-link`,
    nobody: 401,
    revoked: 401,
    person: 403,
    admin: 201,
  },
  "get /house/rooms": { nobody: 401, revoked: 401, person: 403, admin: 200 },
  "get /rooms": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  "post /rooms": {
    json: () => ({ name: `made ${++names}` }),
    nobody: 401,
    revoked: 401,
    person: 201,
    guest: 403,
    admin: 201,
  },
  "post /invites": { json: {}, nobody: 401, revoked: 401, person: 403, admin: 201 },
  "get /invites": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  "delete /invites/{id}": { path: () => "/invites/9999", nobody: 401, revoked: 401, person: 404, admin: 404 },
  "post /invite-link/look": { json: { token: "a guess" }, nobody: 404, revoked: 404, person: 404, admin: 404 },
  "post /invite-link/use": { json: { token: "a guess" }, nobody: 401, revoked: 401, person: 404, admin: 404 },
  "post /direct": {
    json: () => ({ user_ids: [cast.persons.stranger.id] }),
    nobody: 401,
    revoked: 401,
    person: 200,
    guest: 404,
    admin: 200,
  },
  "get /me/mentions": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  "get /me/preferences": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  "patch /me/preferences": { json: { rooms: "all" }, nobody: 401, revoked: 401, person: 200, admin: 200 },
  "get /groups": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  "post /groups": { json: () => ({ name: `made${++names}` }), nobody: 401, revoked: 401, person: 403, admin: 201 },
  "put /groups/{id}/members": {
    path: () => "/groups/9999/members",
    json: { user_ids: [] },
    nobody: 401,
    revoked: 401,
    person: 403,
    admin: 404,
  },
  "put /groups/{id}/members/{user_id}": {
    path: () => "/groups/9999/members/1",
    nobody: 401,
    revoked: 401,
    person: 403,
    admin: 404,
  },
  "delete /groups/{id}/members/{user_id}": {
    path: () => "/groups/9999/members/1",
    nobody: 401,
    revoked: 401,
    person: 403,
    admin: 404,
  },
  "delete /groups/{id}": { path: () => "/groups/9999", nobody: 401, revoked: 401, person: 403, admin: 404 },
  "post /web/signup": {
    json: () => ({ username: `made ${++names}`, password: "long enough" }),
    nobody: 201,
    revoked: 201,
    person: 201,
    admin: 201,
  },
  "post /web/login": { json: login, nobody: 200, revoked: 200, person: 200, admin: 200 },
  "post /web/refresh": { json: { nonce: "12345678" }, nobody: 401, revoked: 401, person: 401, admin: 401 },
  "get /me/digest": { nobody: 401, revoked: 401, person: 200, admin: 200 },
  // The server of this test sends no e-mail.
  "put /me/digest": { json: { on: true }, nobody: 401, revoked: 401, person: 403, admin: 403 },
  "post /me/email/confirm": { nobody: 401, revoked: 401, person: 403, admin: 403 },
  "post /email/confirm": { json: { token: "a guess" }, nobody: 403, revoked: 403, person: 403, admin: 403 },
  "post /email/stop": { path: () => "/email/stop?token=guess", nobody: 403, revoked: 403, person: 403, admin: 403 },
  "post /web/push": {
    json: { endpoint: "https://push.example.org/1", keys: { p256dh: "a", auth: "b" } },
    nobody: 401,
    revoked: 401,
    person: 401,
    admin: 401,
  },
  "post /web/logout": { nobody: 204, revoked: 204, person: 204, admin: 204 },
};

async function scheduledByStranger(): Promise<string> {
  const { id: room } = await cast.persons.stranger.api.createRoom({ name: `made ${++names}` });
  const { id } = await cast.persons.stranger.api.schedule(room, { content: "mine", at: inAnHour() });
  return `/scheduled/${id}`;
}

function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString();
}

async function sessionOfStranger(): Promise<string> {
  const answer = await askApi(server.url, "GET", "/me/sessions", { token: await cast.persons.stranger.token() });
  return (answer.body as { items: { id: string }[] }).items[0]?.id ?? "";
}

function roomPath(path: string, { room, message }: Scene): string {
  const id = path.startsWith("/messages/") ? message : room;
  return path
    .replace("{id}", String(id))
    .replace("{root}", String(message))
    .replace("{emoji}", "%F0%9F%8D%B0")
    .replace("{user_id}", String(cast.persons.member.id));
}

function asked(json: unknown, token: string | null) {
  return json === undefined ? { token } : { token, json };
}

const FOR_MEMBERS = new Set([
  "patch /rooms/{id}/mine",
  "post /rooms/{id}/messages",
  "put /rooms/{id}/read",
  "put /messages/{id}/unread",
  "put /rooms/{id}/draft",
  "post /rooms/{id}/scheduled",
  "put /rooms/{id}/threads/{root}/follow",
  "delete /rooms/{id}/threads/{root}/follow",
  "put /rooms/{id}/threads/{root}/notify",
  "put /rooms/{id}/threads/{root}/read",
  "put /rooms/{id}/notify",
  "put /messages/{id}/reactions/{emoji}",
  "delete /messages/{id}/reactions/{emoji}",
]);

/** Which refusal a standing hears where it is refused with this status. */
function codeOf(status: number, key: string, standing: Standing): string | null {
  if (status === 404) return "not_found";
  if (status === 409) return "last_admin";
  if (status !== 403) return null;
  if (standing === "removed") return "removed";
  return FOR_MEMBERS.has(key) ? "not_member" : "forbidden";
}

test("every address of the API has its row in the matrix, and every row its address", () => {
  const written = [...Object.keys(ROOM_ROWS), ...Object.keys(OTHER_ROWS)].sort();
  expect(written).toEqual(endpoints.map((endpoint) => `${endpoint.method} ${endpoint.path}`).sort());
});

test("every address about a room answers everybody as the matrix says, in the form that it promises", async () => {
  for (const endpoint of endpoints) {
    const key = `${endpoint.method} ${endpoint.path}`;
    const row = ROOM_ROWS[key];
    if (!row) continue;
    const json = row.json?.(cast);
    for (const kind of KINDS) {
      const ask = (scene: Scene, token: string | null) =>
        askApi(server.url, endpoint.method.toUpperCase(), roomPath(endpoint.path, scene), asked(json, token));
      for (const [index, standing] of STANDINGS.entries()) {
        const scene = await setScene(server, cast, kind);
        const answer = await ask(scene, await cast.persons[standing].token());
        const wanted = row[kind][index]!;
        const cell = { key, kind, standing };
        expect({ ...cell, status: answer.status, code: answer.code }).toEqual({
          ...cell,
          status: wanted,
          code: codeOf(wanted, key, standing) as never,
        });
        if (wanted < 400 && endpoint.answer) endpoint.answer.parse(answer.body);
      }
      const scene = await setScene(server, cast, kind);
      const before = await stateOf(scene);
      expect(await ask(scene, null)).toMatchObject({ status: 401, code: "unauthorized" });
      expect(await ask(scene, cast.revoked)).toMatchObject({ status: 401, code: "session_ended" });
      expect(await stateOf(scene)).toEqual(before);
    }
  }
}, 30_000);

async function stateOf({ room }: Scene): Promise<unknown> {
  const by = { userId: cast.persons["room admin"].id };
  return [
    await server.store.read("room", by, { roomId: room }),
    await server.store.read("page", by, { roomId: room, place: { from: "newest" }, limit: 9 }),
  ];
}

test("every address about a room answers who is not in a direct talk as if there were none, admins of the server too", async () => {
  const { persons } = cast;
  const by = { userId: persons.member.id };
  const { id: room } = await server.store.write("open-direct", by, { user_ids: [persons["room admin"].id] });
  const { id: message } = await persons.member.api.sendMessage(room, { content: "between us" });
  const before = await stateOf({ room, message });
  for (const [key, row] of Object.entries(ROOM_ROWS)) {
    const [method = "", path = ""] = key.split(" ");
    for (const standing of ["stranger", "server admin"] as const) {
      const given = asked(row.json?.(cast), await persons[standing].token());
      const answer = await askApi(server.url, method.toUpperCase(), roomPath(path, { room, message }), given);
      expect({ key, standing, status: answer.status, code: answer.code }).toEqual({
        key,
        standing,
        status: 404,
        code: "not_found",
      });
    }
  }
  expect(await stateOf({ room, message })).toEqual(before);
}, 20_000);

test("a guest of the house is answered in a public room as everybody is in a private one, and as a member once inside", async () => {
  for (const endpoint of endpoints) {
    const key = `${endpoint.method} ${endpoint.path}`;
    const row = ROOM_ROWS[key];
    if (!row) continue;
    const json = row.json?.(cast);
    for (const [index, standing] of GUEST_STANDINGS.entries()) {
      const scene = await setScene(server, cast, "public");
      await seatGuests(server, cast, scene.room);
      const token = await cast.guests[standing].token();
      const path = roomPath(endpoint.path, scene);
      const answer = await askApi(server.url, endpoint.method.toUpperCase(), path, asked(json, token));
      const wanted = standing === "member" ? row.public[index] : row.private[index];
      expect({ key, standing, status: answer.status }).toEqual({ key, standing, status: wanted ?? 0 });
      if (answer.status === 404) expect(answer.code).toBe("not_found");
    }
  }
}, 30_000);

test("[R5] a guest's socket hears nothing of a public room that they are not in, by id or by name, and no room of the house", async () => {
  const { room } = await setScene(server, cast, "public");
  await seatGuests(server, cast, room);
  const { name } = await server.store.read("room", { userId: cast.persons.member.id }, { roomId: room });
  for (const standing of GUEST_STANDINGS) {
    const token = await cast.guests[standing].token();
    const socket = await RawSocket.ready(server.url, token);
    const isIn = standing === "member";
    socket.say({ type: "open", room_id: room, epoch: server.store.epoch, seq: 0 });
    await socket.until(() => socket.all("opened").length + socket.all("closed").length > 0);
    expect(socket.all("closed").map(({ code }) => code)).toEqual(isIn ? [] : ["not_found"]);
    socket.say({ type: "send", room_id: room, nonce: `guest ${standing}`, content: "hello" });
    await socket.until(() => socket.all("ack").length + socket.all("error").length > 0);
    expect(socket.all("error").map(({ code }) => code)).toEqual(isIn ? [] : ["not_found"]);
    const before = socket.all("house").length;
    await cast.persons.member.api.createRoom({ name: `told to no guest, ${standing}` });
    await socket.settled();
    expect(socket.all("house").flatMap(({ rooms }) => rooms)).toEqual([]);
    expect(socket.all("house")).toHaveLength(before);
    socket.close();
    for (const path of [room, name]) {
      const plain = await RawSocket.open(server.url, `/ws/${encodeURIComponent(path)}`, token);
      if (isIn) {
        await plain.hears("history");
        plain.close();
      } else expect([4403, 4404]).toContain((await plain.closes()).code);
      expect(plain.all("history").length).toBe(isIn ? 1 : 0);
    }
    const unknown = await RawSocket.open(server.url, `/ws/${encodeURIComponent(`no room ${standing}`)}`, token);
    const { code } = await unknown.closes();
    if (!isIn) {
      const known = await RawSocket.open(server.url, `/ws/${encodeURIComponent(name)}`, token);
      expect((await known.closes()).code).toBe(code);
    }
  }
});

test("a refused change changes nothing", async () => {
  for (const [key, row] of Object.entries(ROOM_ROWS)) {
    const [method = "", path = ""] = key.split(" ");
    if (method === "get") continue;
    for (const kind of KINDS) {
      const scene = await setScene(server, cast, kind);
      const before = await stateOf(scene);
      for (const [index, standing] of STANDINGS.entries()) {
        if (row[kind][index]! < 400) continue;
        await askApi(
          server.url,
          method.toUpperCase(),
          roomPath(path, scene),
          asked(row.json?.(cast), await cast.persons[standing].token()),
        );
      }
      expect(await stateOf(scene)).toEqual(before);
    }
  }
}, 20_000);

test("every address about no room answers everybody as the matrix says", async () => {
  const admin = { username: "server admin", password: cast.persons["server admin"].password };
  for (const endpoint of endpoints) {
    const key = `${endpoint.method} ${endpoint.path}`;
    const row = OTHER_ROWS[key];
    if (!row) continue;
    const tokens = {
      nobody: null,
      revoked: cast.revoked,
      person: (await logIn(server.url, login)).access_token,
      guest: (await logIn(server.url, { username: "guest", password: cast.guests.stranger.password })).access_token,
      admin: (await logIn(server.url, admin)).access_token,
    };
    for (const who of ["nobody", "revoked", "person", "guest", "admin"] as const) {
      const json: unknown = typeof row.json === "function" ? (row.json as () => unknown)() : row.json;
      const answer = await askApi(
        server.url,
        endpoint.method.toUpperCase(),
        (await row.path?.()) ?? endpoint.path,
        asked(json, tokens[who]),
      );
      const wanted = row[who] ?? row.person;
      expect({ key, who, status: answer.status }).toEqual({ key, who, status: wanted });
      if (answer.status < 400 && endpoint.answer) endpoint.answer.parse(answer.body);
      if (answer.status === 401 && endpoint.who !== "anyone" && (who === "nobody" || who === "revoked")) {
        expect(answer.code).toBe(who === "nobody" ? "unauthorized" : "session_ended");
      }
    }
  }
}, 20_000);

test("an admin of the server whom a public room removed may govern it, and not read it or speak in it", async () => {
  const admin = cast.persons["server admin"];
  const { room } = await setScene(server, cast, "public");
  const ask = async (method: string, path: string, json?: unknown): Promise<Answer> =>
    askApi(server.url, method, `/rooms/${room}${path}`, asked(json, await admin.token()));
  await ask("POST", "/join");
  await server.store.write(
    "remove-member",
    { userId: cast.persons["room admin"].id },
    { roomId: room, userId: admin.id },
  );
  for (const [method, path, json] of [
    ["GET", "/messages"],
    ["GET", "/members"],
    ["POST", "/join"],
    ["POST", "/messages", { content: "x" }],
  ] as const) {
    expect(await ask(method, path, json)).toMatchObject({ status: 403, code: "removed" });
  }
  expect((await ask("PATCH", "", { description: "governed" })).status).toBe(200);
  expect((await ask("POST", "/members", { user_ids: [admin.id] })).status).toBe(204);
  expect((await ask("GET", "/messages")).status).toBe(200);
});

interface Heard {
  readonly opens: "opened" | "removed" | "not_found" | "forbidden";
  readonly writes: "ok" | "removed" | "not_member" | "not_found";
}

const MAY: Heard = { opens: "opened", writes: "ok" };
const READS: Heard = { opens: "opened", writes: "not_member" };
const REMOVED: Heard = { opens: "removed", writes: "removed" };
const UNKNOWN: Heard = { opens: "not_found", writes: "not_found" };

const HEARD: Readonly<Record<Kind, Readonly<Record<Standing, Heard>>>> = {
  public: { stranger: READS, left: READS, removed: REMOVED, member: MAY, "room admin": MAY, "server admin": READS },
  private: {
    stranger: UNKNOWN,
    left: UNKNOWN,
    removed: UNKNOWN,
    member: MAY,
    "room admin": MAY,
    "server admin": UNKNOWN,
  },
};

type FrameRow = (socket: RawSocket, scene: Scene, heard: Heard) => Promise<void>;

async function openedOr(socket: RawSocket, room: number, { opens }: Heard): Promise<void> {
  const answered = () => [...socket.all("opened"), ...socket.all("closed")].find((frame) => frame.room_id === room);
  await socket.until(() => answered() !== undefined);
  expect(answered()).toMatchObject(opens === "opened" ? { type: "opened", seq: 5 } : { type: "closed", code: opens });
  const events =
    socket.all("message").length + socket.all("members.added").length + socket.all("member.removed").length;
  expect(events > 0).toBe(opens === "opened");
}

async function writesOr(socket: RawSocket, { writes }: Heard): Promise<void> {
  await socket.settled();
  expect(socket.all("error").map((error) => error.code)).toEqual(writes === "ok" ? [] : [writes]);
}

/** What each frame of a client does for each standing. */
const FRAME_ROWS: Readonly<Record<ClientFrame["type"], FrameRow>> = {
  hello: async (_, { room }, heard) => {
    const resumed = await RawSocket.open(server.url, "/ws", tokenInUse);
    resumed.say({ type: "hello", epoch: server.store.epoch, rooms: { [room]: 0 }, open: [room] });
    await openedOr(resumed, room, heard);
    resumed.close();
  },
  open: async (socket, { room }, heard) => {
    socket.say({ type: "open", room_id: room, epoch: server.store.epoch, seq: 0 });
    await openedOr(socket, room, heard);
  },
  close: async (socket, { room }) => {
    socket.say({ type: "close", room_id: room });
    await socket.settled();
    expect([...socket.all("closed"), ...socket.all("error"), ...socket.all("opened")]).toEqual([]);
  },
  send: async (socket, { room }, heard) => {
    socket.say({ type: "send", room_id: room, nonce: `n${room}`, content: "hello" });
    await socket.until(() => socket.all("ack").length + socket.all("error").length > 0);
    expect(socket.all("ack")).toHaveLength(heard.writes === "ok" ? 1 : 0);
    await writesOr(socket, heard);
  },
  read: async (socket, { room }, heard) => {
    socket.say({ type: "read", room_id: room, seq: 4 });
    if (heard.writes !== "ok") await socket.hears("error");
    await writesOr(socket, heard);
  },
  typing: async (socket, scene, heard) => {
    const owner = await RawSocket.ready(server.url, await cast.persons["room admin"].token());
    owner.say({ type: "open", room_id: scene.room, epoch: server.store.epoch, seq: 5 });
    await owner.hears("opened");
    socket.say({ type: "typing", room_id: scene.room });
    await socket.settled();
    await owner.settled();
    expect(owner.all("typing")).toEqual([]);
    socket.say({ type: "open", room_id: scene.room, epoch: server.store.epoch, seq: 5 });
    await socket.until(() => socket.all("opened").length + socket.all("closed").length > 0);
    socket.say({ type: "typing", room_id: scene.room });
    await socket.settled();
    await owner.settled();
    // Whoever may not write there types nothing that others are told of.
    const isTold = heard.opens === "opened" && heard.writes === "ok";
    if (isTold) await owner.hears("typing");
    expect(owner.all("typing")).toHaveLength(isTold ? 1 : 0);
    owner.close();
  },
  ping: async (socket) => {
    await socket.settled();
    expect(socket.all("error")).toEqual([]);
  },
};

let tokenInUse = "";

test("every frame of a client has its row in the matrix", () => {
  expect(ClientFrame.options.map((option) => option.shape.type.value as string).sort()).toEqual(
    Object.keys(FRAME_ROWS).sort(),
  );
});

test("[R5] every frame on a socket is answered to everybody as the matrix says", async () => {
  for (const [type, row] of Object.entries(FRAME_ROWS)) {
    for (const kind of KINDS) {
      for (const standing of STANDINGS) {
        const scene = await setScene(server, cast, kind);
        tokenInUse = await cast.persons[standing].token();
        const socket = await RawSocket.ready(server.url, tokenInUse);
        try {
          await row(socket, scene, HEARD[kind][standing]);
        } catch (error) {
          throw new Error(
            `${type} by ${standing} in a ${kind} room: ${error instanceof Error ? error.message : error}`,
          );
        } finally {
          socket.close();
        }
      }
    }
  }
}, 30_000);

test("[H1] nobody and a session that has ended get no socket, and no frame of theirs is heard", async () => {
  const { room } = await setScene(server, cast, "public");
  for (const path of ["/ws", `/ws/${room}`]) {
    for (const token of [null, cast.revoked]) {
      const socket = await RawSocket.open(server.url, path, token);
      for (const first of [{ type: "hello" }, { type: "send", room_id: room, nonce: "n", content: "x" }] as const) {
        if (!socket.closed) socket.say(first);
      }
      expect([4401, 4400]).toContain((await socket.closes()).code);
      expect(socket.heard.filter((frame) => frame.type !== "error")).toEqual([]);
    }
  }
});

test("[W5] a room's own socket lets in and refuses as the matrix says", async () => {
  for (const kind of KINDS) {
    for (const standing of STANDINGS) {
      const { room } = await setScene(server, cast, kind);
      const socket = await RawSocket.open(server.url, `/ws/${room}`, await cast.persons[standing].token());
      const { opens } = HEARD[kind][standing];
      const cell = { kind, standing };
      if (opens === "opened") {
        await socket.hears("history");
        await socket.hears("active_users");
        socket.sayText("hello");
        await socket.hears("message");
        socket.close();
      } else {
        const { code } = await socket.closes();
        expect({ ...cell, code }).toEqual({ ...cell, code: opens === "removed" ? 4403 : 4404 });
        expect(socket.heard).toEqual([]);
      }
    }
  }
}, 20_000);
