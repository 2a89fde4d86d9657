import { expect, test } from "bun:test";
import type { Refusal } from "#shared/errors.ts";
import { account, openEmpty, room } from "#tests/store/open.ts";
import { PausingStore } from "./pausing-store.ts";
import { NOBODY, type Store } from "./store.ts";

function heldClock() {
  let run: (() => void) | null = null;
  const after = (_: number, then: () => void) => {
    run = then;
    return () => {
      run = null;
    };
  };
  return { clock: { now: () => 1, after }, pass: () => run?.() };
}

async function open() {
  const opened = await openEmpty("sqlite");
  const ann = await account(opened.store);
  const id = await room(opened.store, [ann]);
  const { clock, pass } = heldClock();
  const place = { isMoved: false };
  const store = new PausingStore(opened.store, clock, () => place.isMoved);
  const send = (content: string) =>
    new Promise<unknown>((answer) => store.send(id, ann, null, JSON.stringify(content), { answer, tell: () => {} }));
  return { opened, store, send, pass, place };
}

const codeOf = (error: Refusal): string => error.code;

test("a pause waits for what is under way, refuses what comes after it, and reading goes on", async () => {
  const { opened, store, send, pass } = await open();
  const under = Array.from({ length: 500 }, (_, at) => send(`message ${at}`));
  let answered = 0;
  for (const each of under) void each.then(() => (answered += 1));
  expect(await store.pause("one", 1_000)).toEqual({ isNew: true });
  expect(answered).toBe(500);
  expect(await send("refused")).toBe("unavailable");
  expect(await store.write("sweep-deleted", NOBODY).then(() => "", codeOf)).toBe("unavailable");
  const read: Store = store;
  expect(await read.read("is-empty", NOBODY)).toBe(false);

  // Asked for again it goes on; not asked for again it ends, and whoever asks then learns that it had.
  expect(await store.pause("one", 1_000)).toEqual({ isNew: false });
  pass();
  expect(await send("stored")).toBeArray();
  expect(await store.pause("one", 1_000)).toEqual({ isNew: true });
  store.resume("another");
  expect(await send("refused")).toBe("unavailable");
  store.resume("one");
  expect(await send("stored")).toBeArray();
  await opened[Symbol.asyncDispose]();
});

test("one tool at a time holds a server still, and one that has moved it away holds it for good", async () => {
  const { opened, store, send, pass, place } = await open();
  await store.pause("one", 1_000);
  expect(await store.pause("two", 1_000).then(() => "", codeOf)).toBe("unavailable");
  expect(() => store.pauseForGood("two")).toThrow();
  store.pauseForGood("one");
  place.isMoved = true;
  pass();
  store.resume("one");
  expect(await send("refused")).toBe("unavailable");
  // It was killed before its end: the same words go on, and what is moved stays so whatever becomes of them.
  await store.pause("two", 1_000);
  pass();
  expect(await send("refused")).toBe("unavailable");
  store.resume("two");
  expect(await send("refused")).toBe("unavailable");
  await opened[Symbol.asyncDispose]();
});

test("a pause that ends while what is kept here has moved elsewhere does not end", async () => {
  const { opened, store, send, pass, place } = await open();
  await store.pause("one", 1_000);
  place.isMoved = true;
  pass();
  expect(await send("refused")).toBe("unavailable");
  await opened[Symbol.asyncDispose]();
});

test("one that was to hold for good and takes it back lets people write again", async () => {
  const { opened, store, send } = await open();
  await store.pause("one", 1_000);
  store.pauseForGood("one");
  store.resume("one");
  expect(await send("stored")).toBeArray();
  await opened[Symbol.asyncDispose]();
});
