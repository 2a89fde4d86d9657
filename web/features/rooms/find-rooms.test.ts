import { expect, test } from "bun:test";
import type { Room } from "#shared/models.ts";
import { findRooms } from "./find-rooms.ts";

const rooms = [room(1, "Redesign"), room(2, "design"), room(3, "lunch", "where we design dinners"), room(4, "Amber")];
const found = (wanted: string) => findRooms(rooms, wanted).map((each) => each.name);

test("without a word all rooms are there by name", () => {
  expect(found("")).toEqual(["Amber", "design", "lunch", "Redesign"]);
});

test("names that begin with the word come first, then those that hold it, then descriptions", () => {
  expect(found(" Des ")).toEqual(["design", "Redesign", "lunch"]);
  expect(found("nothing")).toEqual([]);
});

function room(id: number, name: string, description = ""): Room {
  const created_at = "2026-05-12T10:00:00.000Z";
  const made = { created_by: 1, created_at, version: id };
  return { id, kind: "public", name, description, posting: "members", archived: false, ...made };
}
