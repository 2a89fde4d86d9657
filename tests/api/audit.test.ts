import { afterAll, beforeAll, expect, test } from "bun:test";
import { csvLine } from "#server/audit/export-acts.ts";
import { NOBODY } from "#server/store/store.ts";
import type { AuditEntry, AuditPage, HouseHealth, HouseSettings, MadePasswordLink } from "#shared/contract/house.ts";
import type { HouseRoomList } from "#shared/contract/rooms.ts";
import { type Answer, askApi } from "#tests/api/ask.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { openStored } from "#tests/support/stored.ts";

let server: TestServer;
let root: Person;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off", ROOM_CREATION: "everyone" });
  [root, ann, ben] = await people(server.url, "root", "ann", "ben");
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = async (by: Person, method: string, path: string, json?: unknown): Promise<Answer> =>
  askApi(server.url, method, path, { token: await by.token(), ...(json === undefined ? {} : { json }) });

async function newest(limit = 1): Promise<AuditEntry[]> {
  return ((await ask(root, "GET", `/house/audit?limit=${limit}`)).body as AuditPage).items;
}

test("every change of somebody's standing says who, what, whom, when and from where", async () => {
  const [cat] = await people(server.url, "cat");
  for (const [json, act, detail] of [
    [{ role: "admin" }, "account.role", { role: "admin", was: "user" }],
    [{ role: "user" }, "account.role", { role: "user", was: "admin" }],
    [{ active: false }, "account.deactivated", {}],
    [{ active: true }, "account.reactivated", {}],
    [{ username: "kat", email: "kat@example.org" }, "account.changed", { fields: "user name, e-mail address" }],
    [{ password: "another long password" }, "account.changed", { fields: "password" }],
  ] as const) {
    expect((await ask(root, "PATCH", `/users/${cat.id}`, json)).status).toBe(200);
    const [entry] = await newest();
    expect(entry).toMatchObject({ act, detail, actor: { id: root.id, name: "root" }, user: { id: cat.id } });
    expect(entry?.address).toMatch(/127\.0\.0\.1|::/);
    expect(Math.abs(Date.now() - Date.parse(entry?.at ?? ""))).toBeLessThan(60_000);
  }
});

test("the log is asked for by act, by who did it or to whom, and by when, and by admins alone", async () => {
  const [eve] = await people(server.url, "eve");
  const since = new Date().toISOString();
  await ask(root, "PATCH", `/users/${eve.id}`, { active: false });
  await ask(root, "PATCH", `/users/${eve.id}`, { active: true });
  await ask(root, "PATCH", `/users/${ben.id}`, { role: "admin" });
  await ask(root, "PATCH", `/users/${ben.id}`, { role: "user" });
  const acts = async (query: string) =>
    ((await ask(root, "GET", `/house/audit?${query}`)).body as AuditPage).items.map(({ act }) => act);
  expect(await acts(`person=${eve.id}`)).toEqual(["account.reactivated", "account.deactivated"]);
  expect(await acts(`person=${root.id}&from=${since}`)).toHaveLength(4);
  expect(await acts(`act=account.role&person=${ben.id}&from=${since}`)).toEqual(["account.role", "account.role"]);
  expect(await acts(`person=${eve.id}&to=${since}`)).toEqual([]);
  const page = (await ask(root, "GET", `/house/audit?person=${eve.id}&limit=1`)).body as AuditPage;
  expect(await acts(`person=${eve.id}&limit=1&cursor=${page.next}`)).toEqual(["account.deactivated"]);
  for (const wrong of ["act=nothing", "person=eve", "from=yesterday"]) {
    expect((await ask(root, "GET", `/house/audit?${wrong}`)).status).toBe(400);
  }
  expect((await ask(ann, "GET", `/house/audit?person=${eve.id}`)).status).toBe(403);
});

test("what is refused and what one does to oneself leave no row", async () => {
  const before = await newest(100);
  await ask(ann, "PATCH", `/users/${ann.id}`, { email: "ann@example.org" });
  await ask(ann, "PATCH", `/users/${ben.id}`, { active: false });
  await ask(root, "PATCH", `/users/${root.id}`, { active: false });
  await ask(root, "PUT", "/house/settings/signup", { value: "sometimes" });
  await ask(ann, "PUT", "/house/settings/signup", { value: "closed" });
  expect(await newest(100)).toEqual(before);
});

test("a room that is deleted, an account that an admin makes and a link are in the log, and no word that was said", async () => {
  const room = await ann.api.createRoom({ name: "short lived", kind: "private" });
  await ann.api.sendMessage(room.id, { content: "nobody may read this" });
  await ann.api.deleteRoom(room.id);
  expect((await newest())[0]).toMatchObject({
    act: "room.deleted",
    actor: { id: ann.id },
    room: { id: room.id },
    detail: { name: "short lived", kind: "private" },
  });
  const made = await ask(root, "POST", "/signup", { username: "made", password: "long enough", role: "admin" });
  const { id } = made.body as { id: number };
  expect((await newest())[0]).toMatchObject({ act: "account.made", user: { id }, detail: { role: "admin" } });
  const link = (await ask(root, "POST", `/users/${ben.id}/password-link`)).body as MadePasswordLink;
  expect((await newest())[0]).toMatchObject({ act: "password-link.made", user: { id: ben.id } });
  const file = (await ask(root, "GET", "/house/audit/export?form=jsonl")).text;
  expect(file).not.toContain("nobody may read this");
  expect(file).not.toContain(link.token);
});

test("a link that an admin makes sets the password once, and not of somebody who is deactivated", async () => {
  const link = (await ask(root, "POST", `/users/${ben.id}/password-link`)).body as MadePasswordLink;
  expect(link.username).toBe("ben");
  const json = { token: link.token, new_password: "ben's new password" };
  expect((await askApi(server.url, "POST", "/password-link", { json })).status).toBe(200);
  expect((await askApi(server.url, "POST", "/password-link", { json })).status).toBe(404);
  const [dan] = await people(server.url, "dan");
  await ask(root, "PATCH", `/users/${dan.id}`, { active: false });
  expect((await ask(root, "POST", `/users/${dan.id}/password-link`)).status).toBe(403);
  expect((await ask(root, "POST", "/users/99999/password-link")).status).toBe(404);
});

test("an operator's act at the machine has no actor and no address", async () => {
  const [fay] = await people(server.url, "fay");
  // What `parlour admin fay` asks of the server.
  await server.store.write("make-password-link", NOBODY, { name: "fay", makesAdmin: true, tokenHash: "of no token" });
  expect(await newest(2)).toMatchObject([
    { act: "password-link.made", actor: null, user: { id: fay.id }, address: null },
    { act: "account.role", actor: null, user: { id: fay.id }, detail: { role: "admin" } },
  ]);
});

test("the log is read in parts, the newest first, and exported whole, the oldest first", async () => {
  const seen: AuditEntry[] = [];
  for (let cursor: string | null = "0"; cursor !== null; ) {
    const page: AuditPage = (await ask(root, "GET", `/house/audit?limit=3&cursor=${cursor}`)).body as AuditPage;
    seen.push(...page.items);
    cursor = page.next;
  }
  const file = await ask(root, "GET", "/house/audit/export?form=jsonl");
  expect(file.headers.get("content-disposition")).toBe('attachment; filename="audit.jsonl"');
  const lines = file.text.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as AuditEntry)).toEqual(seen.toReversed());
  const csv = (await ask(root, "GET", "/house/audit/export")).text.trimEnd().split("\r\n");
  expect(csv[0]).toBe("id,at,actor_id,actor,act,user_id,user,room_id,room,detail,address");
  expect(csv.length).toBe(seen.length + 1);
});

test("a name that a table's program would run as a formula is text in the export", () => {
  const entry: AuditEntry = {
    id: 1,
    at: "2026-01-01T00:00:00.000Z",
    actor: { id: 1, name: "=SUM(A1)" },
    act: "room.deleted",
    user: null,
    room: { id: 2, name: 'a "b", c' },
    detail: {},
    address: null,
  };
  expect(csvLine(entry)).toBe(`1,2026-01-01T00:00:00.000Z,1,'=SUM(A1),room.deleted,,,2,"a ""b"", c",,\r\n`);
});

test("a setting holds at once for every door, says where it comes from, and goes back to the environment's", async () => {
  const settings = async () => ((await ask(root, "GET", "/house/settings")).body as HouseSettings).items;
  const info = async () => (await askApi(server.url, "GET", "/info")).body;
  expect(await settings()).toMatchObject([
    { name: "signup", value: "open", source: "default", variable: "SIGNUP" },
    { name: "room_creation", value: "everyone", source: "environment", otherwise: "everyone" },
    { name: "former_texts", value: "shown", source: "default", variable: "FORMER_TEXTS" },
  ]);
  await ask(root, "PUT", "/house/settings/signup", { value: "closed" });
  await ask(root, "PUT", "/house/settings/room_creation", { value: "admins" });
  expect(await settings()).toMatchObject([
    { value: "closed", source: "house", otherwise: "open" },
    { value: "admins", source: "house", otherwise: "everyone" },
    { value: "shown", source: "default" },
  ]);
  expect(await info()).toMatchObject({ signup: "closed", room_creation: "admins" });
  const json = { username: "eve", password: "long enough" };
  expect((await askApi(server.url, "POST", "/signup", { json })).code).toBe("signup_closed");
  expect((await ask(ann, "POST", "/rooms", { name: "mine" })).status).toBe(403);
  await server.restart();
  expect(await info()).toMatchObject({ signup: "closed", room_creation: "admins" });
  await ask(root, "PUT", "/house/settings/signup", { value: null });
  await ask(root, "PUT", "/house/settings/room_creation", { value: null });
  expect(await info()).toMatchObject({ signup: "open", room_creation: "everyone" });
  expect((await ask(ann, "POST", "/rooms", { name: "mine" })).status).toBe(201);
  expect((await newest())[0]).toMatchObject({ act: "setting.changed", detail: { setting: "room_creation" } });
});

test("health says what the server runs on and what it has done", async () => {
  const room = await root.api.createRoom({ name: "spoken in" });
  await root.api.sendMessage(room.id, { content: "hello" });
  const health = (await ask(root, "GET", "/house/health")).body as HouseHealth;
  expect(health.database.kind).toBe(server.databaseUrl === null ? "sqlite" : "postgres");
  expect(health.database.bytes).toBeGreaterThan(10_000);
  expect(health.accounts).toBeGreaterThan(2);
  expect(health.commits).toBeGreaterThan(0);
  expect(health.disk?.free_bytes).toBeGreaterThan(0);
});

test("rooms are listed by size, each once, with ties in the order of their ids", async () => {
  for (const name of ["one", "two", "three"]) await ann.api.createRoom({ name });
  const big = await ann.api.createRoom({ name: "big", kind: "private" });
  await ann.api.addMembers(big.id, [ben.id]);
  const seen: HouseRoomList["items"] = [];
  for (let cursor = ""; ; ) {
    const page = (await ask(root, "GET", `/house/rooms/by-size?limit=2${cursor}`)).body as HouseRoomList;
    seen.push(...page.items);
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  expect(seen[0]).toMatchObject({ id: big.id, member_count: 2, description: null });
  const order = seen.map(({ member_count, id }) => [-member_count, id]);
  expect(order).toEqual(order.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]!));
  expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
});

test("rooms by size are found by any part of their name, in parts too, and by admins alone", async () => {
  const names = ["Сад роз", "САД камней", "Садовый круг", "100% roses"];
  const made: number[] = [];
  for (const name of names) made.push((await ann.api.createRoom({ name, kind: "private" })).id);
  const [roses = 0, stones = 0, circle = 0, all = 0] = made;
  await ann.api.addMembers(stones, [ben.id]);
  const found = async (name: string, more = "") => {
    const path = `/house/rooms/by-size?name=${encodeURIComponent(name)}${more}`;
    const page = (await ask(root, "GET", path)).body as HouseRoomList;
    return { ids: page.items.map(({ id }) => id), next: page.next };
  };
  expect(await found("сад")).toEqual({ ids: [stones, roses, circle], next: null });
  const first = await found("САД", "&limit=2");
  expect(first.ids).toEqual([stones, roses]);
  expect(await found("САД", `&limit=2&cursor=${first.next}`)).toEqual({ ids: [circle], next: null });
  expect((await found("0% R")).ids).toEqual([all]);
  expect((await found("%")).ids).toEqual([all]);
  expect((await found("x".repeat(81))).ids).toEqual([]);
  expect((await ask(ann, "GET", "/house/rooms/by-size?name=a")).status).toBe(403);
});

test("a message that an admin erases is in the log by its number, and without its words", async () => {
  const room = await ann.api.createRoom({ name: "erased from" });
  const { id } = await ann.api.sendMessage(room.id, { content: "a secret of ann's" });
  expect((await ask(root, "POST", `/messages/${id}/erase`)).status).toBe(200);
  expect((await newest())[0]).toMatchObject({
    act: "message.erased",
    user: { id: ann.id },
    room: { id: room.id, name: "erased from" },
    detail: { message: String(id) },
  });
  expect((await ask(root, "GET", "/house/audit/export")).text).not.toContain("secret");
});

test("the database itself refuses to change or remove a row of the log", async () => {
  await using stored = await openStored(server);
  const before = await stored.rows<{ id: number }>("SELECT id, act FROM audit ORDER BY id");
  expect(before.length).toBeGreaterThan(5);
  await expect(stored.rows("UPDATE audit SET act = 'nothing' WHERE id > ?", 0)).rejects.toThrow("append-only");
  await expect(stored.rows("DELETE FROM audit WHERE id > ?", 0)).rejects.toThrow("append-only");
  expect(await stored.rows<{ id: number }>("SELECT id, act FROM audit ORDER BY id")).toEqual(before);
});
