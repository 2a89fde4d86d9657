import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ActiveUsers } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { JumpingClock } from "#tests/support/jumping-clock.ts";
import { manyPeople, SECRET } from "#tests/support/many-people.ts";
import { openSockets } from "#tests/support/open-sockets.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let ann: Person;
let ben: Person;
let cat: Person;
let epoch = "";
const clock = new JumpingClock();

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off", SECRET_KEY: SECRET }, { clock });
  [ann, ben, cat] = await people(server.url, "ann", "ben", "cat");
  epoch = server.store.epoch;
});
afterAll(() => server[Symbol.asyncDispose]());

const inRoom = async (token: string, room: number) =>
  RawSocket.ready(server.url, token, { epoch, rooms: { [room]: 1 }, open: [room] });

/** Joins and leaves that were heard, as words. */
const heard = (socket: RawSocket) =>
  socket.heard.flatMap((frame) =>
    frame.type === "join" || frame.type === "leave" ? [`${frame.type} ${frame.username}`] : [],
  );

const newRoom = async (name: string) => (await ann.api.createRoom({ name })).id;

describe("join and leave", () => {
  test("tell a person's first socket in and their last one out, at once on a close [P1]", async () => {
    const room = await newRoom("in and out");
    const watch = await inRoom(await ann.token(), room);
    const first = await inRoom(await ben.token(), room);
    const second = await inRoom(await ben.token(), room);
    first.close();
    await first.closes();
    await watch.settled();
    expect(heard(watch)).toEqual(["join ben"]);
    second.close();
    await watch.hears("leave");
    expect(heard(watch)).toEqual(["join ben", "leave ben"]);
    expect(watch.all("join")[0]).toMatchObject({ room_id: room, user_id: ben.id, username: "ben" });
    watch.close();
  });

  test("closing the room, without leaving it, is going out [P1]", async () => {
    const room = await newRoom("closed");
    const watch = await inRoom(await ann.token(), room);
    const socket = await inRoom(await ben.token(), room);
    socket.say({ type: "close", room_id: room });
    await watch.until(() => heard(watch).includes("leave ben"));
    expect(await active(room)).toEqual(["ann"]);
    socket.say({ type: "open", room_id: room, epoch, seq: 1 });
    await watch.until(() => heard(watch).length === 3);
    expect(heard(watch)).toEqual(["join ben", "leave ben", "join ben"]);
    socket.close();
    watch.close();
  });

  test("opening a room that is open already tells nobody [P1, R7]", async () => {
    const room = await newRoom("opened again");
    const watch = await inRoom(await ann.token(), room);
    const socket = await inRoom(await ben.token(), room);
    socket.say({ type: "open", room_id: room, epoch, seq: 1 });
    await socket.until(() => socket.all("opened").length === 2);
    socket.close();
    await watch.hears("leave");
    expect(heard(watch)).toEqual(["join ben", "leave ben"]);
    watch.close();
  });

  test("after a cut the leave is told three seconds later [P1]", async () => {
    const room = await newRoom("cut");
    const watch = await inRoom(await ann.token(), room);
    const socket = await inRoom(await ben.token(), room);
    const sockets = await openSockets(server);
    socket.cut();
    await eventually(async () => expect(await openSockets(server)).toBe(sockets - 1));
    clock.jump(2_000);
    await watch.settled();
    expect(heard(watch)).toEqual(["join ben"]);
    expect(await active(room)).toEqual(["ann", "ben"]);
    clock.jump(1_000);
    await watch.hears("leave");
    expect(await active(room)).toEqual(["ann"]);
    watch.close();
  });

  test("who is back within three seconds was never gone [P1]", async () => {
    const room = await newRoom("back");
    const watch = await inRoom(await ann.token(), room);
    const sockets = await openSockets(server);
    const socket = await inRoom(await ben.token(), room);
    socket.cut();
    await eventually(async () => expect(await openSockets(server)).toBe(sockets));
    clock.jump(2_000);
    const again = await inRoom(await ben.token(), room);
    clock.jump(10_000);
    await watch.settled();
    expect(heard(watch)).toEqual(["join ben"]);
    again.close();
    await watch.hears("leave");
    expect(heard(watch)).toEqual(["join ben", "leave ben"]);
    watch.close();
  });

  test("a cut of one of two sockets tells nothing, then or later [P1]", async () => {
    const room = await newRoom("one of two");
    const watch = await inRoom(await ann.token(), room);
    const kept = await inRoom(await ben.token(), room);
    const sockets = await openSockets(server);
    const lost = await inRoom(await ben.token(), room);
    lost.cut();
    await eventually(async () => expect(await openSockets(server)).toBe(sockets));
    clock.jump(10_000);
    await watch.settled();
    expect(heard(watch)).toEqual(["join ben"]);
    kept.close();
    watch.close();
  });

  test("a removal is going out, and the room of a person who was removed does not count them [P1]", async () => {
    const room = await newRoom("put out");
    await ann.api.addMembers(room, [ben.id]);
    const watch = await inRoom(await ann.token(), room);
    const socket = await inRoom(await ben.token(), room);
    await ann.api.removeMember(room, ben.id);
    await watch.hears("leave");
    expect(await active(room)).toEqual(["ann"]);
    socket.close();
    watch.close();
  });

  test("are not events: they have no seq, and nobody hears of them later [P1]", async () => {
    const room = await newRoom("not stored");
    const before = (await ann.api.messages(room)).seq;
    const socket = await inRoom(await ben.token(), room);
    socket.close();
    await socket.closes();
    expect((await ann.api.messages(room)).seq).toBe(before);
    const late = await inRoom(await ann.token(), room);
    expect(heard(late)).toEqual([]);
    late.close();
  });
});

describe("active_users", () => {
  test("answers an open with who is there, the newcomer too [P2]", async () => {
    const room = await newRoom("who is there");
    const first = await inRoom(await ann.token(), room);
    const second = await inRoom(await ben.token(), room);
    expect(first.all("active_users")).toEqual([
      { type: "active_users", room_id: room, users: [{ id: ann.id, username: "ann" }], count: 1 },
    ]);
    expect(second.all("active_users")[0]).toMatchObject({ count: 2 });
    expect(second.all("active_users")[0]?.users.map((user) => user.username)).toEqual(["ann", "ben"]);
    await second.settled();
    expect(first.all("active_users")).toHaveLength(1);
    first.close();
    second.close();
  });

  test("with more than 200 present carries the count alone, once a second, and joins and leaves stop [P2]", async () => {
    const room = await newRoom("crowd");
    const faces = await manyPeople(server.store, limits.activeListed + 5, "face");
    const watch = await inRoom(await ann.token(), room);
    const sockets: RawSocket[] = [];
    for (const face of faces.slice(0, limits.activeListed - 1)) sockets.push(await inRoom(face.token, room));
    await watch.until(() => watch.all("join").length === limits.activeListed - 1);
    for (const face of faces.slice(limits.activeListed - 1)) sockets.push(await inRoom(face.token, room));
    await watch.settled();
    expect(watch.all("join")).toHaveLength(limits.activeListed - 1);
    clock.jump(1_000);
    await watch.until(() => watch.all("active_users").length === 2);
    const crowd = limits.activeListed + 6;
    expect(watch.all("active_users")[1]).toEqual({ type: "active_users", room_id: room, users: [], count: crowd });

    const late = await inRoom(await ben.token(), room);
    const answer = late.all("active_users")[0];
    expect([answer?.users.length, answer?.count]).toEqual([limits.activeListed, crowd + 1]);
    late.close();
    sockets.pop()?.close();
    await eventually(async () => expect((await present(room)).count).toBe(crowd - 1));
    await watch.settled();
    expect(heard(watch).filter((word) => word.startsWith("leave"))).toEqual([]);
    clock.jump(1_000);
    await watch.until(() => watch.all("active_users").length === 3);
    expect(watch.all("active_users")[2]).toMatchObject({ users: [], count: crowd - 1 });
    clock.jump(1_000);
    await watch.settled();
    expect(watch.all("active_users")).toHaveLength(3);

    for (const socket of sockets.splice(0, 10)) socket.close();
    await eventually(async () => expect((await present(room)).count).toBe(crowd - 11));
    clock.jump(1_000);
    await watch.settled();
    for (const socket of sockets) socket.close();
    watch.close();
  }, 30_000);

  test("a crowd that has shrunk is listed again, and who looks on counts as many as there are [P2]", async () => {
    const room = await newRoom("shrinking");
    const faces = await manyPeople(server.store, limits.activeListed + 1, "crowd");
    const { chat } = deviceOf(ann, server.url);
    chat.start();
    await chat.openRoom(room);
    const sockets: RawSocket[] = [];
    for (const face of faces) sockets.push(await inRoom(face.token, room));
    clock.jump(1_000);
    await eventually(() => expect(chat.room(room).active).toEqual({ users: [], count: limits.activeListed + 2 }));
    for (const socket of sockets.slice(0, 5)) socket.close();
    await eventually(async () => expect((await present(room)).count).toBe(limits.activeListed - 3));
    clock.jump(1_000);
    await eventually(() => {
      const active = chat.room(room).active;
      expect([active?.count, active?.users.length]).toEqual([limits.activeListed - 3, limits.activeListed - 3]);
    });
    chat.stop();
    for (const socket of sockets) socket.close();
  }, 30_000);
});

describe("typing", () => {
  test("is passed on to those who have the room open, and is never stored [P3]", async () => {
    const room = await newRoom("typing");
    await ann.api.addMembers(room, [ben.id, cat.id]);
    const watch = await inRoom(await ann.token(), room);
    const elsewhere = await RawSocket.ready(server.url, await cat.token());
    const typist = await inRoom(await ben.token(), room);
    typist.say({ type: "typing", room_id: room });
    const typing = await watch.hears("typing");
    expect(typing).toEqual({ type: "typing", room_id: room, user_id: ben.id, username: "ben" });
    await elsewhere.settled();
    expect(elsewhere.all("typing")).toEqual([]);
    const late = await inRoom(await cat.token(), room);
    expect(late.all("typing")).toEqual([]);
    expect((await ann.api.messages(room)).seq).toBe(2);
    for (const socket of [watch, elsewhere, typist, late]) socket.close();
  });

  test("in a room that one has not open is passed on to nobody [P3]", async () => {
    const room = await newRoom("typing from outside");
    const watch = await inRoom(await ann.token(), room);
    const outside = await RawSocket.ready(server.url, await ben.token());
    outside.say({ type: "typing", room_id: room });
    await outside.settled();
    await watch.settled();
    expect(watch.all("typing")).toEqual([]);
    outside.close();
    watch.close();
  });

  test("of somebody who may not write there is passed on to nobody: a visitor, a reader, an archived room [P3]", async () => {
    const room = await newRoom("typing in vain");
    const watch = await inRoom(await ann.token(), room);
    const typist = await inRoom(await ben.token(), room);
    const says = async () => {
      clock.jump(limits.typingEvery);
      typist.say({ type: "typing", room_id: room });
      await typist.settled();
      // Read after the right to type was.
      await ann.api.messages(room);
      await watch.settled();
      return watch.all("typing").length;
    };
    expect(await says()).toBe(0);
    await ann.api.addMembers(room, [ben.id]);
    await ann.api.giveRole(room, ben.id, "reader");
    expect(await says()).toBe(0);
    await ann.api.giveRole(room, ben.id, "member");
    await ann.api.changeRoom(room, { posting: "moderators" });
    expect(await says()).toBe(0);
    await ann.api.changeRoom(room, { posting: "members", archived: true });
    expect(await says()).toBe(0);
    await ann.api.changeRoom(room, { archived: false });
    typist.say({ type: "typing", room_id: room });
    clock.jump(limits.typingEvery);
    typist.say({ type: "typing", room_id: room });
    await watch.hears("typing");
    watch.close();
    typist.close();
  });

  test("of one person is passed on now and then, however often they say it [P3]", async () => {
    const room = await newRoom("typing much");
    await ann.api.addMembers(room, [ben.id]);
    const watch = await inRoom(await ann.token(), room);
    const typist = await inRoom(await ben.token(), room);
    for (let at = 0; at < 20; at++) typist.say({ type: "typing", room_id: room });
    await watch.hears("typing");
    await typist.settled();
    clock.jump(limits.typingEvery);
    typist.say({ type: "typing", room_id: room });
    // Were more than one of the twenty passed on, they would have come before this one.
    await watch.until(() => watch.all("typing").length >= 2);
    await watch.settled();
    expect(watch.all("typing")).toHaveLength(2);
    watch.close();
    typist.close();
  });
});

async function present(room: number): Promise<Pick<ActiveUsers, "users" | "count">> {
  const headers = { authorization: `Bearer ${await ann.token()}` };
  const answer = await fetch(`${server.url}/api/v1/rooms/${room}/active`, { headers });
  return (await answer.json()) as ActiveUsers;
}

const active = async (room: number) => (await present(room)).users.map((user) => user.username).sort();
