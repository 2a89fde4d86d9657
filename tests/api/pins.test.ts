import { afterAll, beforeAll, expect, test } from "bun:test";
import { PinList, PinnedIds } from "#shared/contract/messages.ts";
import { limits } from "#shared/limits.ts";
import type { Message } from "#shared/models.ts";
import { type Answer, askApi } from "#tests/api/ask.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let olga: Person;
let bob: Person;
let cleo: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [, olga, bob, cleo] = await people(server.url, "admin", "olga", "bob", "cleo");
});
afterAll(() => server[Symbol.asyncDispose]());

async function as(by: Person, method: string, path: string): Promise<Answer> {
  return askApi(server.url, method, path, { token: await by.token() });
}

async function roomOf(name: string, kind: "public" | "private" = "private"): Promise<number> {
  const { id } = await olga.api.createRoom({ name, kind });
  await olga.api.addMembers(id, [bob.id]);
  return id;
}

async function pinned(by: Person, room: number): Promise<Message[]> {
  const { items } = PinList.parse((await as(by, "GET", `/rooms/${room}/pins`)).body);
  // By their ids alone they are the same.
  const { ids } = PinnedIds.parse((await as(by, "GET", `/rooms/${room}/pinned`)).body);
  expect(ids).toEqual(items.map(({ id }) => id).sort((a, b) => a - b));
  return items;
}

test("a moderator pins messages, everybody in the room hears it and finds the newest pin first [E15]", async () => {
  const room = await roomOf("notice board");
  const ids: number[] = [];
  for (const content of ["one", "two", "three"]) ids.push((await bob.api.sendMessage(room, { content })).id);
  const socket = await RawSocket.ready(server.url, await bob.token());
  socket.say({ type: "open", room_id: room, epoch: server.store.epoch, seq: 5 });
  await socket.hears("opened");
  for (const id of [ids[2] ?? 0, ids[0] ?? 0]) await olga.api.pin(id, true);
  await olga.api.pin(ids[0] ?? 0, true);
  const heard = () =>
    socket.heard.flatMap((frame) =>
      frame.type === "message.pinned" || frame.type === "message.unpinned"
        ? [`${frame.type} ${frame.message_id} ${frame.pinned?.by ?? "nobody"}`]
        : [],
    );
  const [first = 0, , third = 0] = ids;
  const pins = [`message.pinned ${third} ${olga.id}`, `message.pinned ${first} ${olga.id}`];
  await socket.until(() => heard().length === 2);
  expect(heard()).toEqual(pins);
  expect((await pinned(bob, room)).map(({ content }) => content)).toEqual(["one", "three"]);
  expect(await bob.api.message(ids[0] ?? 0)).toMatchObject({ pinned: { by: olga.id } });
  await olga.api.pin(ids[2] ?? 0, false);
  await socket.until(() => heard().length === 3);
  expect(heard()).toEqual([...pins, `message.unpinned ${third} nobody`]);
  expect((await pinned(bob, room)).map(({ content }) => content)).toEqual(["one"]);
  socket.close();
});

test("a message that is deleted is pinned no more, and cannot be pinned", async () => {
  const room = await roomOf("taken down");
  const { id } = await bob.api.sendMessage(room, { content: "soon gone" });
  await olga.api.pin(id, true);
  await bob.api.deleteMessage(id);
  expect(await pinned(olga, room)).toEqual([]);
  expect((await olga.api.message(id)).pinned).toBeUndefined();
  expect(await as(olga, "PUT", `/messages/${id}/pin`)).toMatchObject({ status: 410, code: "deleted" });
});

test("who came after a message neither pins it nor finds it among the pins, and cannot tell it from none", async () => {
  const room = await roomOf("before my time");
  const { id } = await bob.api.sendMessage(room, { content: "before cleo" });
  await olga.api.pin(id, true);
  await olga.api.addMembers(room, [cleo.id]);
  await olga.api.giveRole(room, cleo.id, "moderator");
  expect(await pinned(cleo, room)).toEqual([]);
  for (const method of ["PUT", "DELETE"]) {
    expect(await as(cleo, method, `/messages/${id}/pin`)).toMatchObject({ status: 404, code: "not_found" });
  }
  await olga.api.removeMember(room, bob.id);
  for (const list of ["pins", "pinned"]) {
    expect(await as(bob, "GET", `/rooms/${room}/${list}`)).toMatchObject({ status: 404, code: "not_found" });
  }
});

test("in a direct talk anybody in it pins, in an archived room nobody", async () => {
  const talk = await bob.api.openDirect({ user_ids: [cleo.id] });
  const { id } = await bob.api.sendMessage(talk.id, { content: "the address" });
  expect(await cleo.api.pin(id, true)).toMatchObject({ pinned: { by: cleo.id } });
  const room = await roomOf("closed", "public");
  const said = await bob.api.sendMessage(room, { content: "closing words" });
  expect(await as(bob, "PUT", `/messages/${said.id}/pin`)).toMatchObject({ status: 403, code: "forbidden" });
  await olga.api.changeRoom(room, { archived: true });
  expect(await as(olga, "PUT", `/messages/${said.id}/pin`)).toMatchObject({ status: 403, code: "archived" });
});

test(`a room has ${limits.pinsPerRoom} pins and no more`, async () => {
  const room = await roomOf("wall of pins");
  for (let at = 0; at < limits.pinsPerRoom; at++) {
    const { id } = await bob.api.sendMessage(room, { content: `pin ${at}` });
    await server.store.write("pin", { userId: olga.id }, { roomId: room, id, on: true });
  }
  const { id } = await bob.api.sendMessage(room, { content: "one too many" });
  expect(await as(olga, "PUT", `/messages/${id}/pin`)).toMatchObject({ status: 409, code: "full" });
  expect(await pinned(olga, room)).toHaveLength(limits.pinsPerRoom);
});
