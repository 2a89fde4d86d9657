import { describe, expect, test } from "bun:test";
import type { RoomKind } from "./models.ts";
import { decide, may, mayCreateRoom, mayRemove, type RoomAction, type Standing } from "./permissions.ts";
import { reasonOf } from "./reasons.ts";

const actions: RoomAction[] = [
  "see",
  "read",
  "join",
  "leave",
  "mark-read",
  "follow",
  "send",
  "reply",
  "change",
  "delete",
  "give-roles",
  "add-members",
  "remove-members",
];
const places: Standing["place"][] = ["admin", "moderator", "member", "reader", "removed", null];

const takesPart: RoomAction[] = ["see", "read", "leave", "mark-read", "follow"];
const governs: RoomAction[] = ["change", "delete", "give-roles", "add-members", "remove-members"];
const leads: RoomAction[] = ["add-members", "remove-members"];

/** What is allowed in a room where all members may write, by kind and place. Everything not named is not. */
const allowed: Record<RoomKind, Record<string, RoomAction[]>> = {
  public: {
    admin: [...takesPart, "join", "send", "reply", ...governs],
    moderator: [...takesPart, "join", "send", "reply", ...leads],
    member: [...takesPart, "join", "send", "reply"],
    reader: [...takesPart, "join"],
    removed: ["see"],
    none: ["see", "read", "join"],
  },
  private: {
    admin: [...takesPart, "send", "reply", ...governs],
    moderator: [...takesPart, "send", "reply", ...leads],
    member: [...takesPart, "send", "reply"],
    reader: takesPart,
  },
  direct: {
    admin: [...takesPart, "send", "reply", "add-members"],
    moderator: [...takesPart, "send", "reply", "add-members"],
    member: [...takesPart, "send", "reply", "add-members"],
    reader: [...takesPart, "add-members"],
  },
};

const open = { posting: "members", archived: false } as const;
const can = (standing: Standing) => actions.filter((action) => may(action, standing));
const inOrder = (some: readonly RoomAction[]) => actions.filter((action) => some.includes(action));

describe("in a room one may do exactly what one's place allows", () => {
  for (const kind of ["public", "private", "direct"] as const) {
    for (const place of places) {
      const own = allowed[kind][place ?? "none"] ?? [];
      test(`${kind} room, ${place ?? "no member"}`, () => {
        expect(can({ ...open, role: "user", kind, place })).toEqual(inOrder(own));
      });
      test(`${kind} room, ${place ?? "no member"}, an admin of the house`, () => {
        const more = kind === "public" ? governs : [];
        expect(can({ ...open, role: "admin", kind, place })).toEqual(inOrder([...own, ...more]));
      });
    }
  }
});

test("whoever may not is told by what, and no more of a room than they may know", () => {
  const base = { ...open, role: "user", kind: "public", place: "member" } as const;
  expect(decide("send", { ...base, place: "reader" })).toBe("reader");
  expect(decide("send", { ...base, place: "reader", archived: true })).toBe("archived");
  expect(decide("send", { ...base, posting: "moderators" })).toBe("moderators-write");
  expect(decide("send", { ...base, place: null })).toBe("not-member");
  expect(decide("delete", base)).toBe("governed");
  expect(decide("erase", base)).toBe("house");
  expect(decide("give-roles", { ...base, kind: "direct" })).toBe("direct");
  for (const action of actions) {
    expect(decide(action, { ...base, kind: "private", place: null })).toBe("unseen");
    if (action !== "see") expect(decide(action, { ...base, place: "removed" })).toBe("removed");
  }
  expect(reasonOf("reader", "Ana", "public")).toBe("Readers cannot write. An admin of the room can make Ana a member.");
});

test("where moderators alone write, members read on, answer in threads and do the rest as before", () => {
  for (const place of places) {
    const standing = { ...open, role: "user", kind: "private", place } as const;
    const isQuiet = place === "member";
    const before = can(standing).filter((action) => !isQuiet || action !== "send");
    expect(can({ ...standing, posting: "moderators" })).toEqual(before);
  }
});

test("in an archived room nobody writes, and all else stays as it was", () => {
  for (const place of places) {
    const standing = { ...open, role: "admin", kind: "public", place } as const;
    expect(can({ ...standing, archived: true })).toEqual(
      can(standing).filter((action) => action !== "send" && action !== "reply"),
    );
  }
});

test("messages are pinned by those who lead the room, in a direct talk by anybody in it, in an archived room by nobody", () => {
  const pins = (kind: RoomKind, archived = false, role: "user" | "admin" = "user") =>
    places.filter((place) => may("pin", { ...open, archived, role, kind, place }));
  expect(pins("public")).toEqual(["admin", "moderator"]);
  expect(pins("private", false, "admin")).toEqual(["admin", "moderator"]);
  expect(pins("public", false, "admin")).toEqual(["admin", "moderator", "member", "reader", null]);
  expect(pins("direct")).toEqual(["admin", "moderator", "member"]);
  expect(may("pin", { ...open, role: "user", kind: "direct", place: "member", posting: "moderators" })).toBe(false);
  for (const kind of ["public", "private", "direct"] as const) expect(pins(kind, true, "admin")).toEqual([]);
});

test("a moderator removes members and readers, an admin everybody", () => {
  const over = ["admin", "moderator", "member", "reader"] as const;
  const removes = (place: Standing["place"], role: "user" | "admin" = "user") =>
    over.filter((other) => mayRemove({ ...open, role, kind: "public", place }, other));
  expect(removes("admin")).toEqual([...over]);
  expect(removes("moderator")).toEqual(["member", "reader"]);
  expect(removes("moderator", "admin")).toEqual([...over]);
  expect(removes("member")).toEqual([]);
});

test("rooms are made by everyone or by admins, as the server is set", () => {
  expect(mayCreateRoom("user", "everyone")).toBe(true);
  expect(mayCreateRoom("user", "admins")).toBe(false);
  expect(mayCreateRoom("admin", "admins")).toBe(true);
});
