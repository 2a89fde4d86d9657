import { expect, test } from "bun:test";
import { person } from "#tests/support/people.ts";
import { startTestServer } from "#tests/support/start-server.ts";
import { openStored, type Stored } from "#tests/support/stored.ts";

const MEMBERS = 10_000;

/** From here on every row that any table writes is counted, whoever writes it. */
async function countRows(stored: Stored): Promise<void> {
  await stored.rows("CREATE SEQUENCE rows_written");
  await stored.rows(
    `CREATE FUNCTION count_row() RETURNS trigger LANGUAGE plpgsql AS
     'BEGIN PERFORM nextval(''parlour.rows_written''); RETURN NULL; END'`,
  );
  const tables = await stored.rows<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'parlour' ORDER BY tablename",
  );
  for (const { name } of tables) {
    await stored.rows(
      `CREATE TRIGGER count_row AFTER INSERT OR UPDATE OR DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION count_row()`,
    );
  }
}

async function written(stored: Stored): Promise<number> {
  const [row] = await stored.rows<{ n: number }>("SELECT nextval('rows_written') AS n");
  return row?.n ?? 0;
}

test("on PostgreSQL, too, a message to a room of 10,000 members writes as few rows as one to a room of one", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off" });
  expect(server.databaseUrl).not.toBeNull();
  await using stored = await openStored(server);
  const ann = await person(server.url, "ann");
  const [alone, full] = [await ann.api.createRoom({ name: "alone" }), await ann.api.createRoom({ name: "full" })];
  await stored.rows(
    `INSERT INTO users (username, username_key, password_hash, role, created_at)
     SELECT 'p' || i, 'p' || i, '!', 'user', 0 FROM generate_series(1, ${MEMBERS}) AS i`,
  );
  await stored.rows(
    `INSERT INTO members (room_id, user_id, role, state, joined_seq, read_seq, read_n, version)
     SELECT ?, id, 'member', 'in', 1, 1, 0, 1 FROM users WHERE username <> 'ann'`,
    full.id,
  );
  await stored.rows("UPDATE rooms SET member_count = member_count + ? WHERE id = ?", MEMBERS, full.id);
  await countRows(stored);
  const cost = async (room: number) => {
    const { id } = await ann.api.sendMessage(room, { content: "the first", nonce: `first ${room}` });
    const before = await written(stored);
    for (let at = 0; at < 20; at++) await ann.api.sendMessage(room, { content: `plain ${at}`, nonce: `${room} ${at}` });
    for (let at = 0; at < 20; at++) await ann.api.sendMessage(room, { content: `reply ${at}`, thread: id });
    await ann.api.sendMessage(room, { content: "@room, @here" });
    return (await written(stored)) - before;
  };
  const [few, many] = [await cost(alone.id), await cost(full.id)];
  // What the house writes of itself meanwhile, such as a session's last use, is in both.
  expect(many).toBeLessThan(few + 20);
  expect(few).toBeGreaterThan(20 * 3);
}, 60_000);
