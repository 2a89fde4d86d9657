import { Database } from "bun:sqlite";
import { join } from "node:path";

const AT_ONCE = 200_000;

/** Years of talk, written past the server while nobody says anything: four authors, 100 bytes a message. */
export async function fillRoom(directory: string, roomId: number, messages: number): Promise<void> {
  const db = new Database(join(directory, "parlour.db"));
  db.run("PRAGMA busy_timeout = 10000");
  const { seq: first } = db.query("SELECT seq FROM rooms WHERE id = ?").get(roomId) as { seq: number };
  const { id } = db.query("SELECT coalesce(max(id), 0) AS id FROM messages").get() as { id: number };
  const words = "what somebody said some years ago, as long as such things are, to be found again whoever looks".padEnd(
    100,
  );
  const some = "WITH RECURSIVE some (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM some WHERE i < ?2)";
  for (let from = 1; from <= messages; from += AT_ONCE) {
    const to = Math.min(messages, from + AT_ONCE - 1);
    db.transaction(() => {
      db.query(
        `${some} INSERT INTO messages (id, room_id, seq, n, changed, user_id, content, created_at)
         SELECT ?3 + i, ?4, ?5 + i, i, ?5 + i, 1 + i % 4, ?6, 1000000000000 + i * 1000 FROM some`,
      ).run(from, to, id, roomId, first, words);
      db.query(
        `${some} INSERT INTO log SELECT ?4, ?5 + i, 'message', ?3 + i, 1 + i % 4, 1000000000000 + i * 1000 FROM some`,
      ).run(from, to, id, roomId, first);
      db.query("UPDATE rooms SET seq = ?, n = ? WHERE id = ?").run(first + to, to, roomId);
    })();
    await Bun.sleep(1);
  }
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}
