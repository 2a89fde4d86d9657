import { describe, expect, test } from "bun:test";
import type { Role, RoomKind } from "./models.ts";
import { may, mayCreateRoom, type RoomAction, type Standing } from "./permissions.ts";

const actions: RoomAction[] = ["see", "read", "join", "send", "change", "delete", "add-members", "remove-members"];
const places: Standing["place"][] = ["admin", "member", "removed", null];

/** What is allowed, by kind of room, place in it and role in the house. Everything not named is not. */
const allowed: Record<RoomKind, Record<Role, Record<string, RoomAction[]>>> = {
  public: {
    user: {
      admin: actions,
      member: ["see", "read", "join", "send"],
      removed: ["see"],
      none: ["see", "read", "join"],
    },
    admin: {
      admin: actions,
      member: actions,
      removed: ["see", "change", "delete", "add-members", "remove-members"],
      none: ["see", "read", "join", "change", "delete", "add-members", "remove-members"],
    },
  },
  private: {
    user: {
      admin: actions.filter((action) => action !== "join"),
      member: ["see", "read", "send"],
      removed: [],
      none: [],
    },
    admin: {
      admin: actions.filter((action) => action !== "join"),
      member: ["see", "read", "send"],
      removed: [],
      none: [],
    },
  },
};

describe("in a room one may do exactly what one's place allows", () => {
  for (const kind of ["public", "private"] as const) {
    for (const role of ["user", "admin"] as const) {
      for (const place of places) {
        test(`${kind} room, ${role} of the house, ${place ?? "no member"}`, () => {
          const can = actions.filter((action) => may(action, { kind, role, place }));
          expect(can).toEqual(allowed[kind][role][place ?? "none"] ?? []);
        });
      }
    }
  }
});

test("rooms are made by everyone or by admins, as the server is set", () => {
  expect(mayCreateRoom("user", "everyone")).toBe(true);
  expect(mayCreateRoom("user", "admins")).toBe(false);
  expect(mayCreateRoom("admin", "admins")).toBe(true);
});
