import { expect, test } from "bun:test";
import { readArguments } from "./arguments.ts";

test("words are read in any order, and --map takes as many as follow it", () => {
  expect(
    readArguments(["--admin", "ann", "old.db", "--map", "users.password=pw", "rooms=room", "--dry-run", "--admin=bob"]),
  ).toEqual({
    source: "old.db",
    isDry: true,
    asNew: false,
    map: new Map([
      ["users.password", "pw"],
      ["rooms", "room"],
    ]),
    admins: ["ann", "bob"],
  });
  expect(readArguments(["--map", "users=u", "old.db"])).toMatchObject({ source: "old.db" });
});

test.each([
  [[], "Name what to import."],
  [["a.db", "b.db"], "One source at a time: a.db, b.db."],
  [["a.db", "--dryrun"], "There is no --dryrun."],
  [["a.db", "--map=users"], "--map users: write it as users.password=pw."],
])("%p is refused", (words, fault) => {
  expect(readArguments(words)).toEqual({ fault });
});
