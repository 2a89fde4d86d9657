import { expect, test } from "bun:test";
import { loginAddress, nextAddress } from "./next-address.ts";

test("a login leads back to the room that was asked for", () => {
  const search = new URL(`http://x${loginAddress("/chat/12")}`).search;
  expect(nextAddress(search)).toBe("/chat/12");
});

test("a login leads back to the message that was asked for", () => {
  const search = new URL(`http://x${loginAddress("/chat/12/345")}`).search;
  expect(nextAddress(search)).toBe("/chat/12/345");
});

test("a login leads back to the thread that was asked for, and to a reply in it", () => {
  for (const path of ["/chat/12/thread/345", "/chat/12/thread/345/678"]) {
    expect(nextAddress(new URL(`http://x${loginAddress(path)}`).search)).toBe(path);
  }
});

test("a login leads nowhere but into the chat", () => {
  for (const next of [
    "https://elsewhere.example",
    "//elsewhere.example",
    "/\\elsewhere",
    "/chat/../x",
    "/chat/1/2/3",
    "/chat/1/thread/2/3/4",
    "/chat/1/thread/../../..",
    "/chatx",
  ]) {
    expect(nextAddress(`?${new URLSearchParams({ next })}`)).toBe("/chat");
  }
});
