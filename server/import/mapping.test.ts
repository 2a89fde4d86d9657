import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findMapping } from "./mapping.ts";
import { openSource } from "./open-source.ts";

const folder = mkdtempSync(join(tmpdir(), "parlour-mapping-"));
let made = 0;

/** A database with these tables, each written as "name(column, column)". */
async function source(...tables: string[]) {
  const path = join(folder, `${++made}.db`);
  const db = new Database(path);
  for (const table of tables) db.run(`CREATE TABLE ${table}`);
  db.close();
  return openSource(`sqlite:///${path}`);
}

const find = async (from: ReturnType<typeof source>, map: Record<string, string> = {}) =>
  findMapping(await from, new Map(Object.entries(map)));

test("the spellings that the five systems have are found, whichever they are", async () => {
  const plural = source(
    "users(id, username, email, hashed_password, role, created_at)",
    "chat_rooms(id, name, description, created_by, created_at)",
    "messages(id, content, user_id, room_id, timestamp)",
    "alembic_version(version_num)",
  );
  expect(await find(plural)).toEqual({
    users: {
      name: "users",
      columns: {
        id: "id",
        username: "username",
        password: "hashed_password",
        email: "email",
        role: "role",
        created_at: "created_at",
      },
    },
    rooms: {
      name: "chat_rooms",
      columns: { id: "id", name: "name", description: "description", maker: "created_by", created_at: "created_at" },
    },
    messages: {
      name: "messages",
      columns: { id: "id", content: "content", user: "user_id", room: "room_id", time: "timestamp" },
    },
    members: null,
  });

  const singular = source(
    "[user](id, USERNAME, password_hash, is_admin, is_active)",
    "room(id, name, owner_id, is_private)",
    "message(id, message, sender_id, chat_room_id, sent_at, is_deleted)",
    "room_users(user_id, room_id)",
  );
  expect(await find(singular)).toMatchObject({
    users: {
      name: "user",
      columns: { username: "USERNAME", password: "password_hash", role: "is_admin", active: "is_active" },
    },
    rooms: { name: "room", columns: { maker: "owner_id", private: "is_private" } },
    messages: {
      name: "message",
      columns: { content: "message", user: "sender_id", room: "chat_room_id", time: "sent_at", deleted: "is_deleted" },
    },
    members: { name: "room_users", columns: { user: "user_id", room: "room_id" } },
  });
});

test("what has another name is named by --map, and what is named nothing is left out", async () => {
  const odd = source("people(no, nick, pw)", "rooms(id, name, description)", "messages(id, text, user_id, room_id)");
  const map = {
    users: "people",
    "users.id": "no",
    "users.username": "nick",
    "users.password": "pw",
    "rooms.description": "",
  };
  expect(await find(odd, map)).toMatchObject({
    users: { name: "people", columns: { id: "no", username: "nick", password: "pw" } },
    rooms: { columns: { id: "id", name: "name" } },
  });
  expect((await find(odd, map)).rooms?.columns).not.toHaveProperty("description");
});

test("what is not found is said with what was looked for, what is there, and how to name it", async () => {
  const odd = source("people(no, nick, pw)", "rooms(id, name)", "messages(id, text, user_id, room_id)");
  await expect(find(odd)).rejects.toThrow(
    "No table of users is there: looked for users, user, accounts, account; there are messages, people, rooms. Name it: --map users=TABLE",
  );
  await expect(find(odd, { users: "people", "users.id": "no", "users.password": "pw" })).rejects.toThrow(
    "The table people has no column for users.username: looked for username, user_name, name, login; it has no, nick, pw. Name it: --map users.username=COLUMN",
  );
  await expect(find(odd, { "users.shoe": "pw" })).rejects.toThrow(
    "--map users.shoe: there is no such thing to map. There are users.id,",
  );
  await expect(find(odd, { shoes: "pw" })).rejects.toThrow("There are users, rooms, messages, members.");
  await expect(find(odd, { __proto__x: "pw" })).rejects.toThrow("there is no such thing to map");
});

test("a file that is no database, one that is not there, and Parlour's own are refused in one line", async () => {
  await Bun.write(join(folder, "text.db"), "this is no database at all, but it is long enough to be looked at as one");
  await expect(openSource(join(folder, "text.db"))).rejects.toThrow("is not a SQLite database");
  await expect(openSource(join(folder, "none.db"))).rejects.toThrow("There is no file");
  await expect(openSource("mysql://root@localhost/chat")).rejects.toThrow(
    "Databases of the kind mysql cannot be imported",
  );
  await expect(find(source("schema_versions(a)", "visible_ranges(a)"))).rejects.toThrow(
    "is a database of Parlour itself",
  );
});
