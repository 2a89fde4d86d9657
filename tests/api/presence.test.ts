import { expect, test } from "bun:test";
import type { SeenList } from "#shared/contract/people.ts";
import { movedClock } from "#tests/api/moved-clock.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer } from "#tests/support/start-server.ts";

const stateOf = ({ items }: SeenList, { id }: Person) => items.find(({ user_id }) => user_id === id)?.seen ?? null;

test("[P4] somebody who has a device open is online, away when they did nothing on it for five minutes, and gone with it", async () => {
  const clock = movedClock();
  await using server = await startTestServer({ RATE_LIMITS: "off" }, { clock });
  const [ann, ben] = await people(server.url, "ann", "ben");
  const { id } = await ann.api.createRoom({ name: "hall" });
  await ben.api.joinRoom(id);
  const ask = async () => stateOf(await ann.api.seen([ann.id, ben.id]), ben);
  expect(await ask()).toBeNull();
  const { chat } = deviceOf(ben, server.url);
  chat.start();
  await chat.openRoom(id);
  chat.send(id, "good morning");
  await eventually(async () => expect(await ask()).toBe("online"));
  clock.forward(5 * 60_000);
  expect(await ask()).toBe("away");
  chat.send(id, "back again");
  await eventually(async () => expect(await ask()).toBe("online"));
  chat.stop();
  await eventually(async () => expect(await ask()).toBeNull());
});

test("[P5] a page that lies open and reads by itself makes nobody be there; somebody who touches it does", async () => {
  const clock = movedClock();
  await using server = await startTestServer({ RATE_LIMITS: "off" }, { clock });
  const [ann, ben] = await people(server.url, "ann", "ben");
  const { id } = await ann.api.createRoom({ name: "hall" });
  await ben.api.joinRoom(id);
  const ask = async () => stateOf(await ann.api.seen([ann.id, ben.id]), ben);
  const { chat } = deviceOf(ben, server.url);
  chat.acted();
  chat.start();
  await chat.openRoom(id);
  await eventually(async () => expect(await ask()).toBe("online"));
  clock.forward(5 * 60_000);
  const { seq } = await ann.api.sendMessage(id, { content: "is anybody there?" });
  await eventually(() => expect(chat.rooms()[0]?.unread).toBe(1));
  chat.markRead(id, seq);
  await eventually(async () => expect(chat.rooms()[0]?.unread).toBe(0));
  expect(await ask()).toBe("away");
  chat.stop();
  await eventually(async () => expect(await ask()).toBeNull());
  const { chat: touched } = deviceOf(ben, server.url);
  touched.start();
  await eventually(() => expect(touched.line.state).toBe("live"));
  expect(await ask()).toBe("away");
  touched.acted();
  await eventually(async () => expect(await ask()).toBe("online"));
  touched.stop();
});

test("[P4] who is connected is told to nobody who is in no room with them, nor to whom they block", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off" });
  const [, ann, ben, cat, dan] = await people(server.url, "root", "ann", "ben", "cat", "dan");
  const { id } = await ann.api.createRoom({ name: "den", kind: "private" });
  await ann.api.addMembers(id, [ben.id, dan.id]);
  const { chat } = deviceOf(ann, server.url);
  chat.start();
  await chat.openRoom(id);
  const ask = async (by: Person) => stateOf(await by.api.seen([ann.id]), ann);
  await eventually(async () => expect(await ask(ben)).not.toBeNull());
  expect(await ask(cat)).toBeNull();
  await ann.api.block(dan.id);
  expect(await ask(dan)).toBeNull();
  await ann.api.removeMember(id, ben.id);
  expect(await ask(ben)).toBeNull();
  chat.stop();
});
