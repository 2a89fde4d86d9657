import { afterAll, beforeAll, expect, test } from "bun:test";
import { limits } from "#shared/limits.ts";
import { type Happening, MessagePage } from "#shared/models.ts";
import { type Answer, askApi } from "#tests/api/ask.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let operator: Person;
let ann: Person;
let ben: Person;
let cat: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [operator, ann, ben, cat] = await people(server.url, "operator", "ann", "ben", "cat");
});
afterAll(() => server[Symbol.asyncDispose]());

async function ask(by: Person, room: number, query = ""): Promise<Answer> {
  return askApi(server.url, "GET", `/rooms/${room}/messages${query}`, { token: await by.token() });
}

async function page(by: Person, room: number, query = ""): Promise<MessagePage> {
  return MessagePage.parse((await ask(by, room, query)).body);
}

async function told(by: Person, room: number, query = ""): Promise<string[]> {
  return ((await page(by, room, query)).happenings ?? []).map(inWords);
}

function inWords({ seq, by, deed }: Happening): string {
  const who = "people" in deed ? deed.people.map(({ username }) => username).join("+") : deed.changes.join("+");
  const more = deed.is === "role" ? ` ${deed.role}` : deed.is === "came" && deed.invited ? " invited" : "";
  return `${seq} ${by.username} ${deed.is} ${who}${more}`;
}

const say = (by: Person, room: number) => by.api.sendMessage(room, { content: "words" });

test("a page says what happened between its messages, by whom and to whom, as it was then [E14]", async () => {
  const { id } = await ann.api.createRoom({ name: "meadow", kind: "private" });
  await ann.api.addMembers(id, [ben.id, cat.id]);
  await say(ben, id);
  await ann.api.giveRole(id, ben.id, "moderator");
  await ann.api.changeRoom(id, { name: "lawn", posting: "moderators" });
  await ann.api.giveRole(id, ben.id, "member");
  await ann.api.changeRoom(id, { description: "cut", posting: "members", archived: true });
  await ann.api.changeRoom(id, { archived: false });
  await ann.api.sendOut(id, cat.id);
  await say(ann, id);
  await ann.api.ban(id, { user_id: ben.id, reason: "walked on it" });
  expect(await told(ann, id)).toEqual([
    "1 ann came ann",
    "2 ann came ben+cat",
    "4 ann role ben moderator",
    "5 ann changed name+announcements",
    "6 ann role ben member",
    "7 ann changed description+talk+archived",
    "8 ann changed unarchived",
    "9 ann left cat",
    "11 ann removed ben",
  ]);
});

test("pages that follow each other say everything once, whatever their limit, and count messages alone [E14]", async () => {
  const { id } = await ann.api.createRoom({ name: "orchard" });
  for (let i = 0; i < 9; i++) {
    if (i % 3 !== 1) await ben.api.joinRoom(id);
    await say(ann, id);
    if (i % 2 === 0) await ben.api.leaveRoom(id);
  }
  const all = await told(ann, id);
  expect(all.length).toBeGreaterThan(8);
  for (const limit of [1, 2, 4, 50]) {
    const back: string[] = [];
    for (let before: number | null = 999; before !== null; ) {
      const one = await page(ann, id, `?before=${before}&limit=${limit}`);
      expect(one.items.length).toBeLessThanOrEqual(limit);
      back.unshift(...(one.happenings ?? []).map(inWords));
      before = one.before;
    }
    expect(back).toEqual(all);
    const forth: string[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const one = await page(ann, id, `?after=${after}&limit=${limit}`);
      forth.push(...(one.happenings ?? []).map(inWords));
      after = one.after;
    }
    expect(forth).toEqual(all);
    const middle = await page(ann, id, `?around=10&limit=${limit}`);
    const older = middle.before === null ? [] : await told(ann, id, `?before=${middle.before}&limit=50`);
    const newer = middle.after === null ? [] : await told(ann, id, `?after=${middle.after}&limit=50`);
    expect([...older, ...(middle.happenings ?? []).map(inWords), ...newer]).toEqual(all);
  }
});

test("of what happened between two messages the newest are told, and before and after them all [E14]", async () => {
  const { id } = await ann.api.createRoom({ name: "station" });
  await say(ann, id);
  for (let i = 0; i < 130; i++) await (i % 2 === 0 ? ben.api.joinRoom(id) : ben.api.leaveRoom(id));
  const { seq } = await say(ann, id);
  await cat.api.joinRoom(id);
  const { happenings = [] } = await page(cat, id);
  const seqs = happenings.map((one) => one.seq);
  const between = Array.from({ length: limits.namedBetween }, (_, at) => seq - limits.namedBetween + at);
  expect(seqs).toEqual([1, ...between, seq + 1]);
});

test("of many who came at once all are told or none [E14]", async () => {
  const { id } = await ann.api.createRoom({ name: "hall", kind: "private" });
  await say(ann, id);
  await ann.api.addMembers(id, [ben.id, cat.id, operator.id]);
  const change = (times: number) => ann.api.changeRoom(id, { description: `changed ${times}` });
  for (let i = 0; i < limits.namedBetween - 3; i++) await change(i);
  const crowd = "3 ann came operator+ben+cat";
  expect((await told(ann, id)).slice(0, 3)).toEqual(["1 ann came ann", crowd, "4 ann changed description"]);
  await change(limits.namedBetween);
  expect((await told(ann, id)).slice(0, 2)).toEqual(["1 ann came ann", "4 ann changed description"]);
});

test("who was out is told nothing of what happened meanwhile, by no page and no event [E14, R4]", async () => {
  const { id } = await ann.api.createRoom({ name: "attic", kind: "private" });
  await ann.api.addMembers(id, [ben.id]);
  await say(ann, id);
  await ann.api.removeMember(id, ben.id);
  for (const by of [ben, cat, operator]) expect(await ask(by, id)).toMatchObject({ status: 404 });
  await ann.api.addMembers(id, [cat.id]);
  await say(cat, id);
  await ann.api.giveRole(id, cat.id, "moderator");
  await cat.api.addMembers(id, [ben.id]);
  await say(ben, id);
  const bens = ["2 ann came ben", "4 ann removed ben", "8 cat came ben"];
  expect(await told(ben, id)).toEqual(bens);
  expect(await told(ben, id, "?limit=1")).toEqual([]);
  expect(await told(ben, id, "?before=9&limit=1")).toEqual(bens);
  expect(await told(cat, id)).toEqual(["5 ann came cat", "7 ann role cat moderator", "8 cat came ben"]);
  const { epoch } = server.store;
  const socket = await RawSocket.ready(server.url, await ben.token(), { epoch, rooms: { [id]: 1 }, open: [id] });
  const heard = socket.heard.flatMap((frame) =>
    "happened" in frame && frame.happened ? [inWords({ ...frame, ...frame.happened })] : [],
  );
  expect(heard).toEqual(bens);
  socket.close();
});

test("an admin who lets themselves be added to a private room is seen there by everyone, after they left too [E14]", async () => {
  const { id } = await ann.api.createRoom({ name: "cabinet", kind: "private" });
  await ann.api.addMembers(id, [ben.id]);
  await ann.api.addMembers(id, [operator.id], "all");
  await operator.api.leaveRoom(id);
  const seen = ["3 ann came operator", "4 operator left operator"];
  for (const by of [ann, ben]) expect((await told(by, id)).slice(-2)).toEqual(seen);
});

test("who came by a link is told with whoever made it, and with the name that they have now [E14, E6]", async () => {
  const { id } = await ann.api.createRoom({ name: "porch" });
  const invite = await ann.api.makeInvite({ room_ids: [id] });
  const [dora] = await people(server.url, "dora");
  await dora.api.useInvite(invite.token);
  expect((await told(cat, id)).at(-1)).toBe("2 ann came dora invited");
  await operator.api.eraseUser(dora.id, "keep");
  expect((await told(cat, id)).slice(1)).toEqual([
    "2 ann came former member invited",
    "4 former member left former member",
  ]);
});

test("a thread's page says nothing of what happens in its room", async () => {
  const { id } = await ann.api.createRoom({ name: "loft" });
  const root = await say(ann, id);
  await ann.api.sendMessage(id, { content: "below", thread: root.id });
  await ben.api.joinRoom(id);
  expect(await ann.api.thread(id, root.id)).not.toHaveProperty("happenings");
});
