import { Database } from "bun:sqlite";
import { afterAll, beforeAll, beforeEach, expect, mock, test } from "bun:test";
import { RoomPlaces } from "#server/messages/room-places.ts";
import { sendMessage } from "#server/messages/send-message.ts";
import { reads, writes } from "#server/store/actions.ts";
import type { Tx } from "#server/store/sql.ts";
import { SqliteConnection } from "#server/store/sqlite/connection.ts";
import { migrate } from "#server/store/sqlite/migrate.ts";
import type { Tell } from "#server/store/tell.ts";
import { Refusal } from "#shared/errors.ts";
import type { Posting, Role, RoomKind, RoomRole } from "#shared/models.ts";
import {
  decide,
  decideSpeaking,
  may,
  mayCreateRoom,
  mayDelete,
  mayRemove,
  type RoomAction,
  type Standing,
} from "#shared/permissions.ts";

const real = { decide, decideSpeaking, may, mayCreateRoom, mayDelete, mayRemove };
/** Rights that are shut; `all` shuts every one. */
let shut: RoomAction | "all" | null = null;

// The actions run in this very thread and not in the store's workers, so the one function that permits can be replaced.
beforeAll(async () => {
  await mock.module("#shared/permissions.ts", () => ({
    ...real,
    decide: (action: RoomAction, standing: Standing) =>
      shut === "all" ? "unseen" : shut === action ? "governed" : real.decide(action, standing),
    may: (action: RoomAction, standing: Standing) => shut !== "all" && shut !== action && real.may(action, standing),
  }));
});

afterAll(async () => {
  await mock.module("#shared/permissions.ts", () => real);
});

beforeEach(() => {
  shut = null;
});

const [OWNER, OTHER, ADMIN, ROOM] = [1, 2, 3, 1];

/** The tables with nothing in them, made once: they are needed some hundred times. */
const EMPTY = (() => {
  const db = new Database(":memory:");
  migrate(db, ":memory:", 0);
  return db.serialize();
})();

/** A house with one room of two members and one message, and the actions as the writer runs them. */
function house(kind: RoomKind = "public") {
  const db = Database.deserialize(EMPTY);
  db.run("INSERT INTO house VALUES (1, 'epoch', 1, 0)");
  const person = db.query(
    "INSERT INTO users (id, username, username_key, password_hash, role, created_at) VALUES (?, ?, ?, '', ?, 0)",
  );
  for (const [id, role] of [
    [OWNER, "user"],
    [OTHER, "user"],
    [ADMIN, "admin"],
  ] as const)
    person.run(id, `person ${id}`, `person ${id}`, role);
  db.run(
    "INSERT INTO rooms (id, kind, name, name_key, description, created_by, created_at, seq, n, member_count, version) VALUES (1, ?, 'room', 'room', '', 1, 0, 4, 2, 2, 1)",
    [kind],
  );
  stand(db, OWNER, "admin", "in");
  stand(db, OTHER, "member", "in");
  for (const id of [OWNER, OTHER, ADMIN]) db.run("INSERT INTO visible_ranges VALUES (1, ?, 1, NULL)", [id]);
  db.run(
    "INSERT INTO messages (id, room_id, seq, n, changed, user_id, content, created_at) VALUES (1, 1, 3, 1, 3, 1, 'words', 0), (2, 1, 4, 2, 4, 2, 'words', 0)",
  );
  db.run(
    "INSERT INTO log VALUES (1, 1, 'members.added', NULL, 1, 0), (1, 2, 'members.added', NULL, 1, 0), (1, 3, 'message', 1, 1, 0), (1, 4, 'message', 2, 2, 0)",
  );
  const sql = new SqliteConnection(db);
  const tells: Tell[] = [];
  const contentHash = (text: string) => text;
  const tx: Tx = {
    now: 1,
    contentHash,
    tell: (tell) => tells.push(tell),
    listed: sql.listed,
    get: (text, ...params) => sql.get(text, ...params),
    all: (text, ...params) => sql.all(text, ...params),
    run: (text, ...params) => sql.run(text, ...params),
  };
  /** Does it in a savepoint and undoes it, and says how it ended. */
  const attempt = async (name: string, userId: number, args: unknown): Promise<"done" | string> => {
    const action = { ...writes, ...reads }[name as keyof typeof writes] as (
      tx: Tx,
      actor: unknown,
      args: unknown,
    ) => Promise<unknown>;
    db.run("SAVEPOINT attempt");
    try {
      await action(tx, { userId }, args);
      return "done";
    } catch (error) {
      if (error instanceof Refusal) return error.code;
      throw error;
    } finally {
      db.run("ROLLBACK TO attempt");
      db.run("RELEASE attempt");
    }
  };
  const send = (userId: number): string => {
    db.run("SAVEPOINT attempt");
    const sent = sendMessage(sql, new RoomPlaces(sql), [ROOM, userId, null, "hello"], 1, contentHash);
    db.run("ROLLBACK TO attempt");
    db.run("RELEASE attempt");
    return typeof sent === "string" ? sent : "done";
  };
  return { db, sql, tells, attempt, send };
}

function stand(db: Database, userId: number, role: RoomRole, state: "in" | "left" | "removed" | null): void {
  db.run("DELETE FROM members WHERE user_id = ?", [userId]);
  if (!state) return;
  db.run(`${INTO_MEMBERS} VALUES (1, ?, ?, ?, 1, 1, 0, 1)`, [userId, role, state]);
}

const INTO_MEMBERS = "INSERT INTO members (room_id, user_id, role, state, joined_seq, read_seq, read_n, version)";

interface RoomDoor {
  /** The right that it asks for, beside the one to see the room. */
  readonly right: RoomAction;
  readonly by: number;
  readonly args: object;
}

/** Every action that is about one room, done by somebody who may. */
const ROOM_DOORS: Readonly<Record<string, RoomDoor>> = {
  "add-members": { right: "add-members", by: OWNER, args: { roomId: ROOM, userIds: [ADMIN] } },
  ban: { right: "remove-members", by: OWNER, args: { roomId: ROOM, user_id: OTHER, reason: "" } },
  unban: { right: "add-members", by: OWNER, args: { roomId: ROOM, userId: OTHER } },
  "set-apart": { right: "mark-read", by: OTHER, args: { roomId: ROOM, favourite: true } },
  "change-room": { right: "change", by: OWNER, args: { roomId: ROOM, name: "another" } },
  "delete-room": { right: "delete", by: OWNER, args: { roomId: ROOM } },
  "give-role": { right: "give-roles", by: OWNER, args: { roomId: ROOM, userId: OTHER, role: "reader" } },
  "join-room": { right: "join", by: ADMIN, args: { roomId: ROOM } },
  "keep-draft": { right: "mark-read", by: OTHER, args: { roomId: ROOM, content: "not yet" } },
  schedule: { right: "send", by: OTHER, args: { roomId: ROOM, content: "later", at: 9 } },
  "leave-room": { right: "see", by: OTHER, args: { roomId: ROOM } },
  "mark-read": { right: "mark-read", by: OTHER, args: { roomId: ROOM, seq: 3 } },
  "remove-member": { right: "remove-members", by: OWNER, args: { roomId: ROOM, userId: OTHER } },
  "set-level": { right: "mark-read", by: OTHER, args: { roomId: ROOM, level: "all" } },
  "transfer-room": { right: "give-roles", by: OWNER, args: { roomId: ROOM, userId: OTHER } },
  "list-kept-out": { right: "add-members", by: OWNER, args: { roomId: ROOM, after: 0, limit: 10 } },
  "list-pinned": { right: "read", by: OTHER, args: { roomId: ROOM } },
  "list-pins": { right: "read", by: OTHER, args: { roomId: ROOM } },
  "list-members": { right: "read", by: OTHER, args: { roomId: ROOM, after: 0, limit: 10 } },
  "may-in": { right: "change", by: OWNER, args: { roomId: ROOM, action: "change" } },
  "may-read": { right: "read", by: OTHER, args: { roomId: ROOM } },
  message: { right: "read", by: OTHER, args: { id: 1 } },
  missed: { right: "read", by: OTHER, args: { roomId: ROOM, after: 0, most: 10 } },
  page: { right: "read", by: OTHER, args: { roomId: ROOM, place: { from: "newest" }, limit: 10 } },
  room: { right: "see", by: OTHER, args: { roomId: ROOM } },
};

interface MessageDoor {
  /** Whose message it is tried on. */
  readonly of: typeof OWNER | typeof OTHER;
  readonly args: object;
  permits(standing: Standing): boolean;
}

/** Every action about one message, which must be readable besides. */
const MESSAGE_DOORS: Record<string, MessageDoor> = {
  "delete-message": { of: OWNER, args: {}, permits: (standing) => real.mayDelete(standing, false) },
  "edit-message": {
    of: OTHER,
    args: { content: "other words" },
    permits: (standing) => real.may("edit-own", standing),
  },
  "erase-message": { of: OTHER, args: {}, permits: (standing) => real.may("erase", standing) },
  "former-texts": { of: OWNER, args: {}, permits: (standing) => real.may("read", standing) },
  "list-reactions": { of: OWNER, args: {}, permits: (standing) => real.may("read", standing) },
  "mark-unread": { of: OWNER, args: {}, permits: (standing) => real.may("mark-read", standing) },
  pin: { of: OTHER, args: { on: true }, permits: (standing) => real.may("pin", standing) },
  react: { of: OWNER, args: { emoji: "🌻", on: true }, permits: (standing) => real.may("react", standing) },
  follow: { of: OWNER, args: { rootId: 1, on: true }, permits: (standing) => real.may("follow", standing) },
  "set-thread-level": {
    of: OWNER,
    args: { rootId: 1, level: "all" },
    permits: (standing) => real.may("follow", standing),
  },
  "mark-thread-read": { of: OWNER, args: { rootId: 1, seq: 4 }, permits: (standing) => real.may("follow", standing) },
  "send-in-thread": {
    of: OWNER,
    args: { rootId: 1, nonce: null, content: "a reply" },
    permits: (standing) => real.may("reply", standing),
  },
  thread: {
    of: OWNER,
    args: { rootId: 1, place: { from: "newest" }, limit: 10 },
    permits: (standing) => real.may("read", standing),
  },
  why: { of: OWNER, args: { now: 1 }, permits: (standing) => real.may("read", standing) },
  "save-message": { of: OWNER, args: {}, permits: (standing) => real.may("read", standing) },
  "may-speak": { of: OWNER, args: {}, permits: (standing) => real.decideSpeaking(standing) === "allowed" },
  "send-joining": {
    of: OWNER,
    args: { content: "hello" },
    permits: (standing) => real.decideSpeaking(standing) === "allowed",
  },
  "send-reply": {
    of: OWNER,
    args: { nonce: null, content: "an answer", replyTo: 1 },
    permits: (standing) => real.may("send", standing),
  },
};

/** Actions that name no room of somebody else: about oneself, about people, about the house, or lists that choose by SQL. */
const OTHER_DOORS = [
  "account",
  "audit",
  "audit-after",
  "block",
  "cancel-scheduled",
  "change-password",
  "change-preferences",
  "change-profile",
  "change-scheduled",
  "change-setting",
  "change-user",
  "confirm-email",
  "create-room",
  "credentials",
  "delete-group",
  "end-digest",
  "end-push",
  "end-session",
  "erase-user",
  "explain-may",
  "fail-scheduled",
  "give-guess-back",
  "groups",
  "house",
  "house-accounts",
  "house-erased",
  "house-rooms",
  "house-rooms-by-size",
  "house-size",
  "invite",
  "is-empty",
  "keep-ticket",
  "link-password",
  "list-blocks",
  "list-due",
  "list-faces",
  "list-invites",
  "list-push",
  "list-rooms",
  "list-saved",
  "list-scheduled",
  "list-sessions",
  "list-threads",
  "list-users",
  "log-out",
  "mail-state",
  "make-group",
  "make-invite",
  "may-change-user",
  "may-create-room",
  "may-govern",
  "mentions",
  "move-push",
  "note-told",
  "my-credentials",
  "my-places",
  "my-room",
  "my-rooms",
  "my-threads",
  "near-among",
  "newest",
  "open-direct",
  "own-data",
  "own-words",
  "password-link",
  "preferences",
  "put-digest",
  "own-push",
  "put-push",
  "refresh-session",
  "revoke-invite",
  "rooms-named",
  "scheduled",
  "send-scheduled",
  "session",
  "set-group-members",
  "change-group-member",
  "settings",
  "sign-up",
  "start-session",
  "sweep-deleted",
  "sweep-words",
  "take-guess",
  "unblock",
  "unsave-message",
  "use-invite",
  "use-password-link",
  "use-ticket",
  "user",
];

/** For whoever holds the data folder, for nodes among themselves and for the server's own work: no address leads to them. */
const TOOLS = [
  "beat",
  "begin-import",
  "digest",
  "drop-push",
  "heal",
  "held",
  "import-batch",
  "imported-ids",
  "lift-bans",
  "log",
  "make-password-link",
  "next-digests",
  "push-browsers",
  "push-news",
  "sweep-invites",
  "take-digest",
  "what-is-here",
  "whom-to-reach",
];

test("every action of the store is either about a room and in the table, or named as about none", () => {
  const named = [...Object.keys(ROOM_DOORS), ...Object.keys(MESSAGE_DOORS), ...OTHER_DOORS, ...TOOLS].sort();
  expect(named).toEqual([...Object.keys(writes), ...Object.keys(reads)].sort());
});

test("every action about a room is done when it is permitted, and refused when the one function that permits says no", async () => {
  const { db, tells, attempt } = house();
  for (const [name, { by, args }] of Object.entries(ROOM_DOORS)) {
    expect({ name, ended: await attempt(name, by, args) }).toEqual({ name, ended: "done" });
    shut = "all";
    const before = { dump: dump(db), tells: tells.length };
    expect({ name, ended: await attempt(name, by, args) }).toEqual({ name, ended: "not_found" });
    expect({ dump: dump(db), tells: tells.length }).toEqual(before);
    shut = null;
  }
});

test("every action about a room asks for its own right, and for no other in its place", async () => {
  const { attempt } = house();
  for (const [name, { right, by, args }] of Object.entries(ROOM_DOORS)) {
    const rights = [
      "read",
      "join",
      "leave",
      "mark-read",
      "send",
      "change",
      "delete",
      "give-roles",
      "add-members",
      "remove-members",
    ] as const;
    shut = right;
    expect({ name, refused: (await attempt(name, by, args)) !== "done" }).toEqual({ name, refused: true });
    for (const other of rights) {
      if (other === right) continue;
      shut = other;
      expect({ name, other, ended: await attempt(name, by, args) }).toEqual({ name, other, ended: "done" });
    }
    shut = null;
  }
});

test("a room that is made is not shown to its maker when the function that permits says no", async () => {
  const { attempt } = house();
  const args = { name: "new", setting: "everyone" };
  expect(await attempt("create-room", OTHER, args)).toBe("done");
  shut = "all";
  expect(await attempt("create-room", OTHER, args)).toBe("not_found");
});

/** Every way in which somebody can stand to a room. */
function* combinations() {
  for (const kind of ["public", "private", "direct"] as const) {
    for (const role of ["user", "admin"] as const) {
      for (const [place, state] of [
        ["member", null],
        ["member", "left"],
        ["member", "removed"],
        ["reader", "in"],
        ["member", "in"],
        ["moderator", "in"],
        ["admin", "in"],
      ] as const) {
        const standing: Standing = {
          role,
          kind,
          posting: "members",
          archived: false,
          place: state === "in" ? place : state === "removed" ? "removed" : null,
        };
        yield { kind, role, place, state, standing };
      }
    }
  }
}

function arrange(kind: RoomKind, role: Role, place: RoomRole, state: "in" | "left" | "removed" | null) {
  const made = house(kind);
  stand(made.db, OTHER, place, state);
  made.db.run("UPDATE users SET role = ? WHERE id = ?", [role, OTHER]);
  return made;
}

test("a send decides by a query of its own exactly as the function that permits, and refuses with the same words", async () => {
  for (const { kind, role, place, state, standing } of combinations()) {
    const { attempt, send } = arrange(kind, role, place, state);
    const cell = { kind, role, place, state };
    expect({ ...cell, sent: send(OTHER) === "done" }).toEqual({ ...cell, sent: real.may("send", standing) });
    // Where every member may write, marking as read is permitted to the same people, by the long way.
    const reads = await attempt("mark-read", OTHER, { roomId: ROOM, seq: 3 });
    expect({ ...cell, sent: send(OTHER) }).toEqual({ ...cell, sent: place === "reader" ? "read_only" : reads });
  }
  for (const { kind, role, place, state, standing } of combinations()) {
    for (const posting of ["members", "moderators"] as const satisfies Posting[]) {
      for (const archived of [true, false]) {
        const { db, send } = arrange(kind, role, place, state);
        db.run("UPDATE rooms SET posting = ?, archived_at = ?", [posting, archived ? 1 : null]);
        const cell = { kind, role, place, state, posting, archived };
        const sent = real.may("send", { ...standing, posting, archived });
        expect({ ...cell, sent: send(OTHER) === "done" }).toEqual({ ...cell, sent });
        // Of a talk of two that one of them has closed nobody is told more than that.
        const isClosed = kind === "direct" && posting === "moderators";
        if (archived && state === "in") expect(send(OTHER)).toBe(isClosed ? "read_only" : "archived");
      }
    }
  }
  const { db, send } = house();
  db.run("UPDATE rooms SET deleted_at = 1");
  expect(send(OWNER)).toBe("not_found");
  db.run("DELETE FROM members");
  db.run("DELETE FROM visible_ranges");
  db.run("DELETE FROM rooms");
  expect(send(OWNER)).toBe("not_found");
});

test("every action about a room decides exactly as the function that permits, for everybody in every place", async () => {
  for (const { kind, role, place, state, standing } of combinations()) {
    for (const [name, { right, args }] of Object.entries(ROOM_DOORS)) {
      const { db, attempt } = arrange(kind, role, place, state);
      // Somebody in a place of their own, whom an admin and a moderator may remove, and make what they like.
      db.run(`${INTO_MEMBERS} VALUES (1, ?, 'member', 'in', 1, 1, 0, 1)`, [ADMIN]);
      const isAdded = name === "add-members";
      const isMade = ["remove-member", "give-role", "transfer-room"].includes(name);
      if (isAdded) db.run("DELETE FROM members WHERE user_id = ?", [ADMIN]);
      const other = name === "ban" ? { user_id: ADMIN } : isMade ? { userId: ADMIN } : {};
      const ended = await attempt(name, OTHER, { ...args, ...other });
      // Who is in a room already has joined it.
      const permitted = real.may(right, standing) || (name === "join-room" && state === "in");
      const cell = { name, kind, role, place, state };
      expect({ ...cell, done: ended === "done" }).toEqual({ ...cell, done: permitted && real.may("see", standing) });
      if (!real.may("see", standing)) expect({ ...cell, ended }).toEqual({ ...cell, ended: "not_found" });
    }
  }
});

test("every action about a message decides exactly as the function that permits, for everybody in every place", async () => {
  for (const { kind, role, place, state, standing } of combinations()) {
    for (const [name, { of, args, permits }] of Object.entries(MESSAGE_DOORS)) {
      const { db, tells, attempt } = arrange(kind, role, place, state);
      const all = { roomId: ROOM, id: of === OWNER ? 1 : 2, ...args };
      const cell = { name, kind, role, place, state };
      const done = (await attempt(name, OTHER, all)) === "done";
      expect({ ...cell, done }).toEqual({ ...cell, done: real.may("read", standing) && permits(standing) });
      const before = { dump: dump(db), tells: tells.length };
      shut = "all";
      expect({ ...cell, ended: await attempt(name, OTHER, all) }).toEqual({ ...cell, ended: "not_found" });
      shut = null;
      expect({ dump: dump(db), tells: tells.length }).toEqual(before);
    }
  }
});

test("the lists that choose by SQL hold exactly the rooms that may be seen", async () => {
  for (const { kind, role, place, state, standing } of combinations()) {
    const { sql, db } = arrange(kind, role, place, state);
    const actor = { userId: OTHER };
    const cell = { kind, role, place, state };
    const sees = real.may("see", standing);
    const inside = state === "in";
    const found = {
      listed: (await reads["list-rooms"](sql, actor, { after: 0, limit: 9, mine: false })).items.length,
      mine: (await reads["list-rooms"](sql, actor, { after: 0, limit: 9, mine: true })).items.length,
      named: (await reads["rooms-named"](sql, actor, { key: "room" })).length,
      stream: (await reads["my-rooms"](sql, actor, { since: 0, from: 0 })).frame.rooms.length,
      places: (await reads["my-places"](sql, actor)).length,
      house: (await reads.house(sql, actor, { since: 0, from: 0 })).frame.rooms.length,
    };
    const wanted = {
      listed: +sees,
      mine: +inside,
      named: +(sees && kind !== "direct"),
      stream: +inside,
      places: +inside,
      house: +(kind === "public"),
    };
    expect({ ...cell, ...found }).toEqual({ ...cell, ...wanted });
    db.run("UPDATE rooms SET deleted_at = 1");
    expect((await reads["list-rooms"](sql, actor, { after: 0, limit: 9, mine: false })).items).toEqual([]);
    expect((await reads["rooms-named"](sql, actor, { key: "room" })).length).toBe(0);
    expect((await reads["my-places"](sql, actor)).length).toBe(0);
  }
});

test("an account that is deactivated has no session, and does and reads nothing in a room by any action", async () => {
  for (const kind of ["public", "private"] as const) {
    const { db, sql, attempt } = house(kind);
    db.run("INSERT INTO sessions (id, user_id, client, created_at, last_used_at) VALUES ('s', 1, '', 1, 1)");
    expect(await reads.session(sql, { userId: 0 }, { sessionId: "s", now: 1 })).not.toBe(null);
    db.run("UPDATE users SET deactivated_at = 1");
    for (const [name, { by, args }] of Object.entries(ROOM_DOORS)) {
      expect({ kind, name, ended: await attempt(name, by, args) }).toEqual({ kind, name, ended: "not_found" });
    }
    // A send asks for no more than a living session: there is none.
    expect(await reads.session(sql, { userId: 0 }, { sessionId: "s", now: 1 })).toBe(null);
  }
});

function dump(db: Database): unknown {
  return ["users", "rooms", "members", "visible_ranges", "messages", "log", "nonces", "thread_followers"].map((table) =>
    db.query(`SELECT * FROM ${table}`).all(),
  );
}
