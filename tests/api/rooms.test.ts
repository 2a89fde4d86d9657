import { afterAll, beforeAll, expect, test } from "bun:test";
import { MemberList, RoomList } from "#shared/contract/rooms.ts";
import { limits } from "#shared/limits.ts";
import { ListedRoom } from "#shared/models.ts";
import { type Answer, askApi } from "#tests/api/ask.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { openStored } from "#tests/support/stored.ts";

let server: TestServer;
let admin: Person;
let olga: Person;
let bob: Person;
let cleo: Person;
let counted = 0;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [admin, olga, bob, cleo] = await people(server.url, "admin", "olga", "bob", "cleo");
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function as(by: Person, method: string, path: string, json?: unknown): Promise<Answer> {
  return askApi(
    server.url,
    method,
    path,
    json === undefined ? { token: await by.token() } : { token: await by.token(), json },
  );
}

/** A room of Olga's that no other test knows. */
async function roomOf(by: Person, more: object = {}): Promise<ListedRoom> {
  const made = await as(by, "POST", "/rooms", { name: `room no. ${++counted}`, ...more });
  expect(made.status).toBe(201);
  return ListedRoom.parse(made.body);
}

async function membersOf(by: Person, id: number) {
  return MemberList.parse((await as(by, "GET", `/rooms/${id}/members`)).body).items;
}

test("members are found by any part of a name, a page at a time, and by those alone who may read the room", async () => {
  const room = await roomOf(olga, { kind: "private" });
  const [ivan, another, sam] = await people(server.url, "Иван Грозный", "иванка", "sam");
  await as(sam, "PATCH", "/me/profile", { display_name: "Der ÄRMSTE Ivan" });
  const inside = [ivan.id, another.id, sam.id];
  await as(olga, "POST", `/rooms/${room.id}/members`, { user_ids: inside });
  const found = async (name: string, more = "", by = olga) => {
    const answer = await as(by, "GET", `/rooms/${room.id}/members?name=${encodeURIComponent(name)}${more}`);
    const { items, next } = MemberList.parse(answer.body);
    return { ids: items.map(({ user_id }) => user_id), next };
  };
  expect(await found("ИВАН")).toEqual({ ids: [ivan.id, another.id], next: null });
  const first = await found("иван", "&limit=1");
  expect(first.ids).toEqual([ivan.id]);
  expect(await found("иван", `&limit=1&cursor=${first.next}`)).toEqual({ ids: [another.id], next: null });
  expect((await found("ärm")).ids).toEqual([sam.id]);
  expect((await found("bob")).ids).toEqual([]);
  expect((await found("%")).ids).toEqual([]);
  expect((await found("  ")).ids).toEqual([olga.id, ...inside]);
  expect((await as(bob, "GET", `/rooms/${room.id}/members?name=sam`)).code).toBe("not_found");
  await as(olga, "DELETE", `/rooms/${room.id}/members/${sam.id}`);
  expect((await found("sam")).ids).toEqual([]);
  expect((await as(sam, "GET", `/rooms/${room.id}/members?name=olga`)).code).not.toBeNull();
});

test("who makes a room is its first member and its admin, and finds it by its id and in the list", async () => {
  const made = await roomOf(olga, { description: "  for the test " });
  expect(made).toMatchObject({ kind: "public", description: "for the test", created_by: olga.id, member_count: 1 });
  expect((await as(bob, "GET", `/rooms/${made.id}`)).body).toEqual(made);
  expect(await membersOf(bob, made.id)).toEqual([{ user_id: olga.id, username: "olga", role: "admin" }]);
  const mine = RoomList.parse((await as(olga, "GET", "/rooms?mine=true&limit=100")).body).items;
  expect(mine).toContainEqual(made);
  expect(RoomList.parse((await as(bob, "GET", "/rooms?mine=true")).body).items).not.toContainEqual(made);
  expect(RoomList.parse((await as(bob, "GET", "/rooms?limit=100")).body).items).toContainEqual(made);
});

test("a room that is made twice under one nonce is one room, and another room under it is refused", async () => {
  const json = { name: "only once", kind: "private", nonce: "room-nonce" };
  const [first, again] = [await as(olga, "POST", "/rooms", json), await as(olga, "POST", "/rooms", json)];
  expect(again).toMatchObject({ status: 201, body: first.body as object });
  const all = await Promise.all(
    Array.from({ length: 20 }, () => as(olga, "POST", "/rooms", { name: "at once", nonce: "at-once" })),
  );
  expect(new Set(all.map((answer) => (answer.body as ListedRoom).id)).size).toBe(1);
  expect(await as(olga, "POST", "/rooms", { ...json, name: "another" })).toMatchObject({
    status: 409,
    code: "nonce_reused",
  });
  expect(await as(olga, "POST", "/rooms", { ...json, kind: "public" })).toMatchObject({
    status: 409,
    code: "nonce_reused",
  });
  expect((await as(bob, "POST", "/rooms", json)).status).toBe(201);
  const { id } = all[0]!.body as ListedRoom;
  expect(await as(olga, "POST", `/rooms/${id}/messages`, { content: "x", nonce: "at-once" })).toMatchObject({
    status: 409,
    code: "nonce_reused",
  });
});

test("a room is renamed and described by its admin or a server's admin, and by nobody else", async () => {
  const room = await roomOf(olga);
  await as(bob, "POST", `/rooms/${room.id}/join`);
  const change = (by: Person, json: object) => as(by, "PATCH", `/rooms/${room.id}`, json);
  expect(await change(bob, { name: "bob's" })).toMatchObject({ status: 403, code: "forbidden" });
  expect(await change(cleo, { description: "cleo's" })).toMatchObject({ status: 403, code: "forbidden" });
  const renamed = await change(olga, { name: "  Renamed   room " });
  expect(ListedRoom.parse(renamed.body)).toMatchObject({ name: "Renamed room", description: "", member_count: 2 });
  const described = await change(admin, { description: "by the admin" });
  expect(described.body).toMatchObject({ name: "Renamed room", description: "by the admin" });
  const before = (await as(olga, "GET", `/rooms/${room.id}/messages`)).body as { seq: number };
  expect((await change(olga, { name: "Renamed room", description: "by the admin" })).body).toEqual(described.body);
  expect((await change(olga, {})).body).toEqual(described.body);
  const after = (await as(olga, "GET", `/rooms/${room.id}/messages`)).body as { seq: number };
  expect(after.seq).toBe(before.seq);
  expect((await change(olga, { name: "RENAMED ROOM" })).body).toMatchObject({ name: "RENAMED ROOM" });
});

test("a server's admin may not change, delete, fill or read a private room they are not in", async () => {
  const room = await roomOf(olga, { kind: "private" });
  for (const [method, path, json] of [
    ["GET", "", undefined],
    ["PATCH", "", { name: "mine" }],
    ["DELETE", "", undefined],
    ["GET", "/members", undefined],
    ["POST", "/members", { user_ids: [admin.id] }],
    ["DELETE", `/members/${olga.id}`, undefined],
    ["GET", "/messages", undefined],
    ["POST", "/messages", { content: "hello" }],
    ["POST", "/join", undefined],
    ["GET", "/active", undefined],
  ] as const) {
    expect(await as(admin, method, `/rooms/${room.id}${path}`, json)).toMatchObject({ status: 404, code: "not_found" });
  }
  expect((await as(admin, "GET", "/rooms?limit=100")).text).not.toContain(room.name);
});

test("a deleted room is gone for everybody at once, its name is free and its messages are not found by id", async () => {
  const room = await roomOf(olga, { name: "short lived", description: "and described" });
  await as(bob, "POST", `/rooms/${room.id}/join`);
  const sent = (await as(bob, "POST", `/rooms/${room.id}/messages`, { content: "words" })).body as { id: number };
  expect(await as(bob, "DELETE", `/rooms/${room.id}`)).toMatchObject({ status: 403 });
  expect((await as(olga, "DELETE", `/rooms/${room.id}`)).status).toBe(204);
  for (const by of [olga, bob, admin]) {
    for (const path of [
      `/rooms/${room.id}`,
      `/rooms/${room.id}/messages`,
      `/rooms/${room.id}/members`,
      `/messages/${sent.id}`,
    ]) {
      expect(await as(by, "GET", path)).toMatchObject({ status: 404, code: "not_found" });
    }
    expect((await as(by, "GET", "/rooms?mine=true&limit=100")).text).not.toContain("short lived");
  }
  expect(await as(olga, "DELETE", `/rooms/${room.id}`)).toMatchObject({ status: 404 });
  expect(await as(bob, "POST", `/rooms/${room.id}/messages`, { content: "words" })).toMatchObject({ status: 404 });
  expect((await roomOf(bob, { name: "SHORT lived" })).id).not.toBe(room.id);
  await using stored = await openStored(server);
  const left = await stored.rows("SELECT name, name_key, description FROM rooms WHERE id = ?", room.id);
  expect(left).toEqual([{ name: "", name_key: "", description: "" }]);
});

test("joining and leaving twice changes nothing the second time, and who left may come back", async () => {
  const room = await roomOf(olga);
  const seqNow = async () =>
    ((await as(olga, "GET", `/rooms/${room.id}/messages?limit=1`)).body as { seq: number }).seq;
  const step = async (path: string, status: number, members: number, moves: number) => {
    const before = await seqNow();
    expect((await as(bob, "POST", `/rooms/${room.id}/${path}`)).status).toBe(status);
    expect((await as(bob, "GET", `/rooms/${room.id}`)).body).toMatchObject({ member_count: members });
    expect((await seqNow()) - before).toBe(moves);
  };
  await step("leave", 204, 1, 0);
  await step("join", 200, 2, 1);
  await step("join", 200, 2, 0);
  await step("leave", 204, 1, 1);
  await step("leave", 204, 1, 0);
  await step("join", 200, 2, 1);
});

test("a hundred joins at once count one", async () => {
  const room = await roomOf(olga);
  await Promise.all(Array.from({ length: 100 }, () => as(bob, "POST", `/rooms/${room.id}/join`)));
  expect((await as(bob, "GET", `/rooms/${room.id}`)).body).toMatchObject({ member_count: 2 });
  expect((await as(bob, "GET", `/rooms/${room.id}/messages`)).body).toMatchObject({ seq: 2, n: 0 });
});

test("whom a public room removed is kept out of it by every address until an admin lets them in again", async () => {
  const room = await roomOf(olga);
  await as(bob, "POST", `/rooms/${room.id}/join`);
  const sent = (await as(bob, "POST", `/rooms/${room.id}/messages`, { content: "before" })).body as { id: number };
  expect((await as(cleo, "DELETE", `/rooms/${room.id}/members/${bob.id}`)).status).toBe(403);
  expect((await as(olga, "DELETE", `/rooms/${room.id}/members/${bob.id}`)).status).toBe(204);
  expect(await as(olga, "DELETE", `/rooms/${room.id}/members/${bob.id}`)).toMatchObject({ status: 404 });
  for (const [method, path, json] of [
    ["GET", `/rooms/${room.id}/messages`, undefined],
    ["POST", `/rooms/${room.id}/messages`, { content: "let me in" }],
    ["POST", `/rooms/${room.id}/join`, undefined],
    ["GET", `/rooms/${room.id}/members`, undefined],
    ["GET", `/rooms/${room.id}/active`, undefined],
    ["PUT", `/rooms/${room.id}/read`, { seq: 1 }],
    ["GET", `/messages/${sent.id}`, undefined],
    ["POST", `/rooms/${room.id}/members`, { user_ids: [bob.id] }],
  ] as const) {
    expect(await as(bob, method, path, json)).toMatchObject({ status: 403, code: "removed" });
  }
  const refused = await RawSocket.open(server.url, `/ws/${room.id}`, await bob.token());
  expect((await refused.closes()).code).toBe(4403);
  expect((await as(bob, "POST", `/rooms/${room.id}/leave`)).status).toBe(204);
  expect((await as(bob, "POST", `/rooms/${room.id}/join`)).status).toBe(403);
  expect((await as(olga, "POST", `/rooms/${room.id}/members`, { user_ids: [bob.id] })).status).toBe(204);
  expect((await as(bob, "GET", `/messages/${sent.id}`)).status).toBe(200);
  expect((await as(bob, "POST", `/rooms/${room.id}/messages`, { content: "thanks" })).status).toBe(201);
});

test("a private room shows each member what was said while they were in it, and nothing else", async () => {
  const room = await roomOf(olga, { kind: "private" });
  const say = async (content: string) =>
    (await as(olga, "POST", `/rooms/${room.id}/messages`, { content })).body as { id: number };
  const heard = async (by: Person) => {
    const page = (await as(by, "GET", `/rooms/${room.id}/messages?limit=100`)).body as {
      items?: { content: string }[];
    };
    return page.items?.map((message) => message.content) ?? null;
  };
  const before = await say("before bob");
  await as(olga, "POST", `/rooms/${room.id}/members`, { user_ids: [bob.id] });
  await say("with bob");
  await as(olga, "DELETE", `/rooms/${room.id}/members/${bob.id}`);
  const between = await say("without bob");
  expect(await heard(bob)).toBe(null);
  await as(olga, "POST", `/rooms/${room.id}/members`, { user_ids: [bob.id] });
  const last = await say("with bob again");
  expect(await heard(bob)).toEqual(["with bob", "with bob again"]);
  expect(await heard(olga)).toEqual(["before bob", "with bob", "without bob", "with bob again"]);
  for (const hidden of [before, between]) expect((await as(bob, "GET", `/messages/${hidden.id}`)).status).toBe(404);
  expect((await as(bob, "GET", `/messages/${last.id}`)).status).toBe(200);
  await as(bob, "POST", `/rooms/${room.id}/leave`);
  expect((await as(bob, "GET", `/messages/${last.id}`)).status).toBe(404);
  expect((await as(bob, "POST", `/rooms/${room.id}/join`)).status).toBe(404);
});

test("adding is all or nothing: one unknown id adds nobody, many at once are one event", async () => {
  const room = await roomOf(olga, { kind: "private" });
  const add = (user_ids: unknown[]) => as(olga, "POST", `/rooms/${room.id}/members`, { user_ids });
  expect(await add([bob.id, 999_999])).toMatchObject({ status: 404, body: { field: "user_ids" } });
  expect(await membersOf(olga, room.id)).toHaveLength(1);
  for (const wrong of [
    [],
    [0],
    [-1],
    [1.5],
    ["2"],
    [null],
    Array.from({ length: limits.membersAtOnce + 1 }, (_, i) => i + 1),
  ]) {
    expect((await add(wrong)).status).toBe(400);
  }
  expect((await add([bob.id, cleo.id, bob.id, olga.id])).status).toBe(204);
  expect((await as(olga, "GET", `/rooms/${room.id}/messages`)).body).toMatchObject({ seq: 2, n: 0 });
  expect((await add([bob.id, cleo.id])).status).toBe(204);
  expect((await as(olga, "GET", `/rooms/${room.id}/messages`)).body).toMatchObject({ seq: 2 });
  const roles = (await membersOf(olga, room.id)).map((member) => [member.user_id, member.role] as const);
  expect(roles).toEqual([
    [olga.id, "admin"],
    [bob.id, "member"],
    [cleo.id, "member"],
  ]);
});

test("an admin of a room who left it and is let in again comes back as a member", async () => {
  const room = await roomOf(olga);
  await as(admin, "POST", `/rooms/${room.id}/members`, { user_ids: [bob.id] });
  expect(await as(olga, "POST", `/rooms/${room.id}/leave`)).toMatchObject({ status: 409, code: "last_admin" });
  await as(olga, "PUT", `/rooms/${room.id}/members/${bob.id}/role`, { role: "admin" });
  await as(olga, "POST", `/rooms/${room.id}/leave`);
  await as(olga, "POST", `/rooms/${room.id}/join`);
  expect((await as(olga, "PATCH", `/rooms/${room.id}`, { name: "mine still" })).status).toBe(403);
  expect((await membersOf(bob, room.id)).map((member) => member.role)).toEqual(["member", "admin"]);
});

test("names of public rooms have one normal form: twins by case, width or look-alike letters are taken", async () => {
  await roomOf(olga, { name: "Caffè  Space" });
  await roomOf(olga, { name: "peace" });
  const twins = [
    "caffè space",
    "CAFFÈ SPACE",
    "Caffe\u0300 Space",
    "Ｃaffè Space",
    " caffè\u00a0space ",
    "саffè space",
    "PEACE",
    "ｐｅａｃｅ",
    "реасе",
    "реace",
    "ΡEACE",
    "𝓹𝓮𝓪𝓬𝓮",
    "ⓟⓔⓐⓒⓔ",
  ];
  for (const twin of twins) {
    const answer = await as(bob, "POST", "/rooms", { name: twin });
    expect({ twin, code: answer.code, field: (answer.body as { field?: string }).field }).toEqual({
      twin,
      code: "taken",
      field: "name",
    });
  }
  const other = await roomOf(bob);
  expect(await as(bob, "PATCH", `/rooms/${other.id}`, { name: "реасе" })).toMatchObject({ status: 409, code: "taken" });
  for (const distinct of ["peaces", "pe ace", "мир", "平和", "paix 🙂"]) await roomOf(bob, { name: distinct });
});

test("a private room neither takes a name from others nor feels one that is taken", async () => {
  await roomOf(olga, { name: "secret plan", kind: "private" });
  await roomOf(bob, { name: "secret plan", kind: "private" });
  await roomOf(cleo, { name: "secret plan" });
  const mine = await roomOf(olga, { kind: "private" });
  expect((await as(olga, "PATCH", `/rooms/${mine.id}`, { name: "secret plan" })).status).toBe(200);
});

test("names of rooms that hide something, are digits alone, blank or too long are refused", async () => {
  const hidden = [
    ..."\u0000\u0007\u001b\u200b\u200d\u200e\u202a\u202e\u2066\u2069\u2060\ufeff\u00ad\u034f\u3164\ufe0f\u2028\ue000\u2800",
  ];
  const bad = [
    ...hidden.map((char) => `a${char}b`),
    "\udc00",
    "",
    "  ",
    "42",
    "０４２",
    "٤٢",
    "²",
    "n".repeat(limits.roomNameLength + 1),
    "ﷺ".repeat(5),
  ];
  const room = await roomOf(olga);
  for (const name of bad) {
    for (const answer of [
      await as(olga, "POST", "/rooms", { name }),
      await as(olga, "PATCH", `/rooms/${room.id}`, { name }),
    ]) {
      const seen = {
        name: JSON.stringify(name),
        status: answer.status,
        field: (answer.body as { field?: string }).field,
      };
      expect(seen).toEqual({ name: JSON.stringify(name), status: 400, field: "name" });
    }
  }
  expect((await roomOf(olga, { name: "n".repeat(limits.roomNameLength) })).name).toHaveLength(limits.roomNameLength);
  expect((await roomOf(olga, { name: "42 is a name" })).name).toBe("42 is a name");
});

test("a description has its limit and stores what was sent", async () => {
  const words = "🙂 <b>ünï</b>\n\ttext".padEnd(limits.descriptionLength + 1, ".");
  expect([...words]).toHaveLength(limits.descriptionLength);
  expect((await roomOf(olga, { description: words })).description).toBe(words);
  for (const description of [`${words}.`, "a\u0000b", "\ud800", 7, null]) {
    expect((await as(olga, "POST", "/rooms", { name: `bad ${counted}`, description })).status).toBe(400);
  }
});

test("a list of rooms or members goes page by page over everything once, and a page is never longer than asked", async () => {
  const ids: number[] = [];
  for (let i = 0; i < 7; i++) ids.push((await roomOf(cleo, { kind: i % 2 ? "private" : "public" })).id);
  for (const limit of [1, 3, 100]) {
    const seen: number[] = [];
    let cursor: string | null = "0";
    while (cursor !== null) {
      const page: RoomList = RoomList.parse(
        (await as(cleo, "GET", `/rooms?mine=true&limit=${limit}&cursor=${cursor}`)).body,
      );
      expect(page.items.length).toBeLessThanOrEqual(limit);
      if (page.next !== null) expect(page.items).toHaveLength(limit);
      seen.push(...page.items.map((room) => room.id));
      cursor = page.next;
    }
    expect(seen.filter((id) => ids.includes(id))).toEqual(ids);
    expect(new Set(seen).size).toBe(seen.length);
  }
  const room = ids[0] ?? 0;
  await as(cleo, "POST", `/rooms/${room}/members`, { user_ids: [admin.id, olga.id, bob.id] });
  const first = MemberList.parse((await as(cleo, "GET", `/rooms/${room}/members?limit=3`)).body);
  const second = MemberList.parse((await as(cleo, "GET", `/rooms/${room}/members?limit=3&cursor=${first.next}`)).body);
  expect([...first.items, ...second.items].map((member) => member.user_id)).toEqual([
    admin.id,
    olga.id,
    bob.id,
    cleo.id,
  ]);
  expect(second.next).toBe(null);
});

test("with ROOM_CREATION=admins only admins of the server make rooms, at every door", async () => {
  await using strict = await startTestServer({ ROOM_CREATION: "admins" });
  const [owner, guest] = await people(strict.url, "owner", "guest");
  const make = async (by: Person) =>
    askApi(strict.url, "POST", "/rooms", { token: await by.token(), json: { name: `of ${by.username}` } });
  expect((await make(owner)).status).toBe(201);
  expect(await make(guest)).toMatchObject({ status: 403, code: "forbidden" });
  for (const json of [{ name: 7 }, {}, []]) {
    const misshapen = await askApi(strict.url, "POST", "/rooms", { token: await guest.token(), json });
    expect(misshapen).toMatchObject({ status: 403, code: "forbidden" });
  }
  const socket = await RawSocket.open(strict.url, "/ws/made-by-coming", await guest.token());
  expect((await socket.closes()).code).toBe(4403);
  expect((await askApi(strict.url, "GET", "/rooms", { token: await owner.token() })).text).not.toContain(
    "made-by-coming",
  );
});

test("[W1] the address of a room's socket has the same one normal form of a name as the address that makes rooms", async () => {
  const room = await roomOf(olga, { name: "Plain Room" });
  for (const name of ["Plain Room", "plain room", "PLAIN%20ROOM", "Ｐlain Room", String(room.id)]) {
    const socket = await RawSocket.open(
      server.url,
      `/ws/${name.includes("%") ? name : encodeURIComponent(name)}`,
      await bob.token(),
    );
    await socket.hears("history");
    socket.close();
  }
  expect((await as(bob, "GET", `/rooms/${room.id}`)).body).toMatchObject({ member_count: 2 });
  for (const name of ["a\u200bb", "\u202eevil", "n".repeat(81), "", "%ff"]) {
    const socket = await RawSocket.open(
      server.url,
      `/ws/${name === "%ff" ? name : encodeURIComponent(name) || "%20"}`,
      await bob.token(),
    );
    expect((await socket.closes()).code).toBe(4404);
  }
});

test("a deleted room's words are erased, and no message is given the id of one that was in it", async () => {
  const room = await roomOf(olga);
  const say = async (roomId: number, content: string) =>
    ((await as(olga, "POST", `/rooms/${roomId}/messages`, { content })).body as { id: number }).id;
  await say(room.id, "first words");
  const last = await say(room.id, "last words");
  expect((await as(olga, "DELETE", `/rooms/${room.id}`)).status).toBe(204);
  const sweep = async () => {
    for (let more = true; more; ) ({ more } = await server.store.write("sweep-deleted", { userId: 0 }));
  };
  const left = async () => {
    await using stored = await openStored(server);
    return await stored.rows("SELECT id, content FROM messages WHERE room_id = ?", room.id);
  };
  await sweep();
  expect(await left()).toEqual([{ id: last, content: "" }]);
  const next = await say((await roomOf(olga)).id, "elsewhere");
  expect(next).toBeGreaterThan(last);
  await sweep();
  expect(await left()).toEqual([]);
});
