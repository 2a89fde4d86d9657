import { expect, test } from "bun:test";
import { clientName } from "./client-name.ts";

test("browsers are named with their system", () => {
  expect(clientName("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe("Firefox on Linux");
  expect(
    clientName(
      "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36",
    ),
  ).toBe("Chrome on Android");
});

test("anything else is called what it calls itself", () => {
  expect(clientName("parlour-bot/1")).toBe("parlour-bot/1");
  expect(clientName("")).toBe("Unknown");
});
