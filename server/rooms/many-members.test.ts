import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import type { Actor, Param, Tx } from "../store/sql.ts";
import { SqliteConnection } from "../store/sqlite/connection.ts";
import { migrate } from "../store/sqlite/migrate.ts";
import type { Tell } from "../store/tell.ts";
import { changeRoom } from "./change-room.ts";
import { deleteRoom } from "./delete-room.ts";

const ROOM = 1;

/** A private room of so many, each of whom has begun to write something in it. */
function roomOf(members: number): SqliteConnection {
  const db = new Database(":memory:");
  migrate(db, ":memory:", 0);
  const some = `WITH RECURSIVE some (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM some WHERE id < ${members})`;
  db.run("INSERT INTO house VALUES (1, 'an epoch', 1, 0)");
  db.run(`${some} INSERT INTO users (id, username, username_key, password_hash, role, created_at)
    SELECT id, 'p' || id, 'p' || id, '!', 'user', 0 FROM some`);
  db.run(`INSERT INTO rooms (id, kind, name, name_key, description, created_at, member_count)
    VALUES (${ROOM}, 'private', 'all', 'all', '', 0, ${members})`);
  db.run(`${some} INSERT INTO members (room_id, user_id, role, state, joined_seq, read_seq, read_n, version)
    SELECT ${ROOM}, id, CASE id WHEN 1 THEN 'admin' ELSE 'member' END, 'in', 1, 0, 0, 0 FROM some`);
  db.run(`${some} INSERT INTO visible_ranges SELECT ${ROOM}, id, 1, NULL FROM some`);
  db.run(`${some} INSERT INTO drafts (user_id, room_id, thread, content, bytes, written_at, version)
    SELECT id, ${ROOM}, 0, 'begun', 5, 0, 0 FROM some`);
  return new SqliteConnection(db);
}

async function cost(sql: SqliteConnection, act: (tx: Tx, actor: Actor) => Promise<unknown>) {
  let statements = 0;
  const told: Tell[] = [];
  const counted =
    <Answer>(run: (text: string, ...params: Param[]) => Promise<Answer>) =>
    (text: string, ...params: Param[]) => {
      statements += 1;
      return run(text, ...params);
    };
  const tx = {
    now: 1,
    contentHash: (text: string) => text,
    tell: (tell: Tell) => void told.push(tell),
    listed: sql.listed,
    get: counted((text, ...params) => sql.get(text, ...params)),
    all: counted((text, ...params) => sql.all(text, ...params)),
    run: counted((text, ...params) => sql.run(text, ...params)),
  } as Tx;
  await act(tx, { userId: 1 });
  const people = told.filter((tell) => tell.to === "person");
  return { statements, people };
}

test("a private room of thousands is renamed and deleted with as many statements as one of three, and each is told", async () => {
  const rename = (tx: Tx, actor: Actor) => changeRoom(tx, actor, { roomId: ROOM, name: "other" });
  const remove = (tx: Tx, actor: Actor) => deleteRoom(tx, actor, { roomId: ROOM });
  const [few, many] = [roomOf(3), roomOf(5_000)];
  const renamed = await cost(many, rename);
  expect(renamed.statements).toBe((await cost(few, rename)).statements);
  expect(renamed.people).toHaveLength(5_000);
  expect(renamed.people[4_999]).toMatchObject({
    userId: 5_000,
    frame: { version: 1, rooms: [{ room: { name: "other" }, role: "member", version: 1 }], gone: [] },
  });
  const deleted = await cost(many, remove);
  expect(deleted.statements).toBe((await cost(few, remove)).statements);
  expect(deleted.people).toHaveLength(5_000);
  expect(deleted.people[4_999]).toMatchObject({
    userId: 5_000,
    frame: { version: 2, rooms: [], gone: [ROOM], drafts: [{ room_id: ROOM, content: "", version: 2 }] },
  });
});
