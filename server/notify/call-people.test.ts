import { Database } from "bun:sqlite";
import { beforeAll, expect, test } from "bun:test";
import { RoomPlaces } from "../messages/room-places.ts";
import { sendMessage } from "../messages/send-message.ts";
import { sendReply } from "../messages/send-reply.ts";
import type { Tx } from "../store/sql.ts";
import { SqliteConnection } from "../store/sqlite/connection.ts";
import { migrate } from "../store/sqlite/migrate.ts";

const MEMBERS = 10_000;
const ROOM = 1;

let sql: SqliteConnection;
let written = 0;
let told = 0;

beforeAll(() => {
  const db = new Database(":memory:");
  migrate(db, ":memory:", 0);
  const some = `WITH RECURSIVE some (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM some WHERE id < ${MEMBERS})`;
  db.run("INSERT INTO house VALUES (1, 'an epoch', 1, 0)");
  db.run(`${some} INSERT INTO users (id, username, username_key, password_hash, role, created_at)
    SELECT id, 'p' || id, 'p' || id, '!', 'user', 0 FROM some`);
  db.run(`INSERT INTO rooms (id, kind, name, name_key, description, created_at, member_count)
    VALUES (${ROOM}, 'public', 'all', 'all', '', 0, ${MEMBERS})`);
  db.run(`${some} INSERT INTO members (room_id, user_id, role, state, joined_seq, read_seq, read_n, version)
    SELECT ${ROOM}, id, CASE id WHEN 1 THEN 'admin' ELSE 'member' END, 'in', 0, 0, 0, 0 FROM some`);
  db.run("INSERT INTO user_groups VALUES (1, 'half', 'half')");
  db.run(`INSERT INTO group_members SELECT 1, id FROM users WHERE id % 2 = 0`);
  sql = new SqliteConnection(db);
});

/** The rows that one message of the room's admin writes, and what is told of it. */
async function cost(content: string): Promise<{ written: number; told: number }> {
  written = 0;
  told = 0;
  const tx: Tx = {
    now: 1,
    contentHash: (text) => text,
    listed: "json_each(?)",
    tell: () => {
      told += 1;
    },
    get: (text, ...params) => {
      if (/^(UPDATE|INSERT|DELETE)/.test(text.trim())) written += 1;
      return sql.get(text, ...params);
    },
    all: (text, ...params) => sql.all(text, ...params),
    run: async (text, ...params) => {
      const changed = await sql.run(text, ...params);
      written += changed;
      return changed;
    },
  };
  await sendReply(tx, { userId: 1 }, { roomId: ROOM, nonce: null, content });
  return { written, told };
}

test("a message to a room of 10,000 members writes O(1) rows, whomever it calls", async () => {
  const plain = await cost("to nobody: @nobody.of.this.name");
  expect(plain).toEqual({ written: 3, told: 1 });
  expect(await cost("@room")).toEqual({ written: plain.written + 1, told: 1 });
  expect(await cost("@here, @half and @room")).toEqual({ written: plain.written + 3, told: 1 });
  // A row for each who is named, and where their own list stands now.
  expect(await cost("@p2 and @p3")).toEqual({ written: plain.written + 2 * 3, told: 3 });
});

test("a plain message to a room of 10,000 members writes four rows, its nonce and the room's place among them", () => {
  const changes = () => (sql.prepared("SELECT total_changes() AS n").get() as { n: number }).n;
  const before = changes();
  const places = new RoomPlaces(sql);
  const outcome = sendMessage(sql, places, [ROOM, 1, "a nonce", "hello"], 1, (text) => text);
  places.settle();
  expect(outcome).toBeArray();
  expect(changes() - before).toBe(4);
});
