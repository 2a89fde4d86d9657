import { afterAll, beforeAll, expect, test } from "bun:test";
import { compatRoutes } from "#server/compat/routes.ts";
import type { Endpoint } from "#server/endpoint.ts";
import { assemble, type Cast, KINDS, STANDINGS, setScene } from "#tests/attacks/cast.ts";
import { askRaw } from "#tests/compat/ask-raw.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

/** Every address of the other systems for everybody: what each is answered, with the slash and without. */

let server: TestServer;
let cast: Cast;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  cast = await assemble(server);
});
afterAll(() => server[Symbol.asyncDispose]());

type Six = readonly [number, number, number, number, number, number];

interface RoomRow {
  readonly json?: unknown;
  /** In the order of STANDINGS: stranger, left, removed, member, room admin, server admin. */
  readonly public: Six;
  readonly private: Six;
}

const READS: Omit<RoomRow, "json"> = {
  public: [200, 200, 403, 200, 200, 200],
  private: [404, 404, 404, 200, 200, 404],
};
const SEES: Omit<RoomRow, "json"> = {
  public: [200, 200, 200, 200, 200, 200],
  private: [404, 404, 404, 200, 200, 404],
};

const ROOM_ROWS: Readonly<Record<string, RoomRow>> = {
  "get /rooms/{room_id}": SEES,
  "get /rooms/{room_id}/messages": READS,
  // Admins of the server only, and of them only those who may see the room.
  "delete /rooms/{room_id}": { public: [403, 403, 403, 403, 403, 204], private: [403, 403, 403, 403, 403, 404] },
  "get /room/{room_id}": SEES,
  "patch /room/{room_id}": {
    json: { description: "changed", unknown: 1 },
    public: [403, 403, 403, 403, 200, 200],
    private: [404, 404, 404, 403, 200, 404],
  },
  "delete /room/{room_id}": { public: [403, 403, 403, 403, 204, 204], private: [404, 404, 404, 403, 204, 404] },
  "get /message/rooms/{room_id}/messages": READS,
  "post /message/rooms/{room_id}/messages": {
    json: { content: "hello", unknown: 1 },
    public: [201, 201, 403, 201, 201, 201],
    private: [404, 404, 404, 201, 201, 404],
  },
  "get /chat/history": READS,
  "get /api/v1/chat/history": READS,
};

interface OtherRow {
  readonly json?: unknown;
  readonly nobody: number;
  readonly revoked: number;
  readonly person: number;
  readonly admin: number;
}

let names = 0;
const signUp: OtherRow = {
  json: () => ({ username: `made ${++names}`, password: "long enough" }),
  nobody: 201,
  revoked: 201,
  person: 201,
  admin: 201,
};
const login: OtherRow = {
  json: { username: "extra", password: "extra's long password" },
  nobody: 200,
  revoked: 200,
  person: 200,
  admin: 200,
};
const signed: OtherRow = { nobody: 401, revoked: 401, person: 200, admin: 200 };
const admins: OtherRow = { nobody: 401, revoked: 401, person: 403, admin: 200 };
const madeRoom = () => ({ name: `made ${++names}` });

const OTHER_ROWS: Readonly<Record<string, OtherRow>> = {
  "post /auth/signup": signUp,
  "post /signup": signUp,
  "post /user/signup": signUp,
  "post /auth/login": login,
  "post /auth/token": login,
  "post /login": login,
  "post /token": login,
  "post /token/refresh": { json: { refresh_token: "a.0.b" }, nobody: 401, revoked: 401, person: 401, admin: 401 },
  "get /auth/me": signed,
  "get /rooms": signed,
  "post /rooms": { json: madeRoom, ...admins, admin: 201 },
  "get /room/rooms": signed,
  "post /room": { json: madeRoom, nobody: 401, revoked: 401, person: 201, admin: 201 },
  "get /user/users": admins,
  "put /user/update/{user_id}": { json: { email: "set@example.org" }, ...admins },
  "post /user/update_password": {
    json: { old_password: "wrong", new_password: "long enough" },
    nobody: 401,
    revoked: 401,
    person: 401,
    admin: 401,
  },
  "get /chat": signed,
  "get /api/v1/chat": signed,
};

const keyOf = ({ method, path }: Endpoint) => `${method} ${path}`;

function addressOf({ path }: Endpoint, room: number): string {
  const at = path.replace("{room_id}", String(room)).replace("{user_id}", String(cast.persons.stranger.id));
  return path.endsWith("/chat/history") ? `${at}?room_id=${room}` : at;
}

test("every address has its row, and every row its address", () => {
  expect([...Object.keys(ROOM_ROWS), ...Object.keys(OTHER_ROWS)].sort()).toEqual(compatRoutes.map(keyOf).sort());
});

test("every address about a room answers everybody as the matrix says, in the form that it promises", async () => {
  for (const endpoint of compatRoutes) {
    const row = ROOM_ROWS[keyOf(endpoint)];
    if (!row) continue;
    const ask = (room: number, token: string | undefined, json = row.json) =>
      askRaw(server.url, endpoint.method.toUpperCase(), addressOf(endpoint, room), { token, json });
    for (const kind of KINDS) {
      for (const [index, standing] of STANDINGS.entries()) {
        const { room } = await setScene(server, cast, kind);
        const token = await cast.persons[standing].token();
        const cell = { key: keyOf(endpoint), kind, standing };
        const status = row[kind][index]!;
        // The right is decided before the body is read: what cannot be one changes nothing for who may not.
        if (status >= 400)
          expect({ ...cell, status: (await ask(room, token, row.json && [7])).status }).toEqual({ ...cell, status });
        const answer = await ask(room, token);
        expect({ ...cell, status: answer.status }).toEqual({ ...cell, status });
        if (status < 400 && endpoint.answer) endpoint.answer.parse(answer.body);
        if (status >= 400) expect(typeof answer.body.detail).toBe("string");
      }
      const { room } = await setScene(server, cast, kind);
      for (const token of [undefined, cast.revoked, "", "nonsense"]) {
        const answer = await ask(room, token);
        expect(answer.status).toBe(401);
        expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      }
    }
    const nobody = await ask(999_999, await cast.persons.stranger.token());
    const { room } = await setScene(server, cast, "private");
    const hidden = await ask(room, await cast.persons.stranger.token());
    expect({ status: hidden.status, text: hidden.text }).toEqual({ status: nobody.status, text: nobody.text });
  }
}, 40_000);

test("every address about no room answers everybody as the matrix says", async () => {
  for (const endpoint of compatRoutes) {
    const row = OTHER_ROWS[keyOf(endpoint)];
    if (!row) continue;
    const tokens = {
      nobody: undefined,
      revoked: cast.revoked,
      person: await cast.extra.token(),
      admin: await cast.persons["server admin"].token(),
    };
    for (const who of ["nobody", "revoked", "person", "admin"] as const) {
      for (const slash of ["", "/"]) {
        const json = typeof row.json === "function" ? (row.json as () => unknown)() : row.json;
        const asked = { token: tokens[who], json };
        const path = addressOf(endpoint, 0) + slash;
        const answer = await askRaw(server.url, endpoint.method.toUpperCase(), path, asked);
        expect({ path, who, status: answer.status }).toEqual({ path, who, status: row[who] });
        if (answer.status < 400 && endpoint.answer) endpoint.answer.parse(answer.body);
        else expect(answer.body.detail).toBeString();
      }
    }
  }
}, 40_000);
