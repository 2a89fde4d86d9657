import { expect, test } from "bun:test";
import { FakeBrowser } from "./fakes/browser.ts";
import { sendStorage } from "./send-storage.ts";

const item = { nonce: "n", room_id: 1, content: "hello", at: 5, failed: null };

test("what was not answered survives a reload, for its author alone", () => {
  const { kept } = new FakeBrowser();
  sendStorage(kept, 1).save([item]);
  expect(sendStorage(kept, 1).load()).toEqual([item]);
  expect(sendStorage(kept, 2).load()).toEqual([]);
});

test("an empty queue leaves nothing behind", () => {
  const { kept, texts } = new FakeBrowser();
  sendStorage(kept, 1).save([item]);
  sendStorage(kept, 1).save([]);
  expect(texts.size).toBe(0);
});

test("what is kept and cannot be read is left out", () => {
  const { kept } = new FakeBrowser();
  kept.set("parlour.queue.1", "{");
  expect(sendStorage(kept, 1).load()).toEqual([]);
  kept.set("parlour.queue.1", JSON.stringify([null, { nonce: 1 }, item]));
  expect(sendStorage(kept, 1).load()).toEqual([item]);
});
