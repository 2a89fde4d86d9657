import { expect, test } from "bun:test";
import { streamText } from "./stream-chunk.ts";

const frame = { type: "me", version: 7, reset: true, rooms: [{ name: 'a "},"next":3} b\n' }], gone: [] };

test("a chunk of a stream passes through as it is, and says where the next begins", () => {
  const read = streamText(JSON.stringify({ frame, next: null }), null);
  expect(read).toEqual({ version: 7, frame: JSON.stringify(frame), next: null });
  expect(streamText(JSON.stringify({ frame, next: 12 }), null).next).toBe(12);
});

test("a later chunk carries the version of the first", () => {
  const read = streamText(JSON.stringify({ frame, next: null }), 5);
  expect(JSON.parse(read.frame)).toEqual({ ...frame, version: 5 });
});

test("what is no chunk is a fault of the program, and not passed on", () => {
  expect(() => streamText('{"frame":{"version":7,"type":"me"},"next":null}', null)).toThrow("chunk");
});
