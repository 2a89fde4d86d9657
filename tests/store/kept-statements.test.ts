import { expect, test } from "bun:test";
import { Connection } from "#server/store/postgres/connection.ts";
import { databaseIn, testPostgres } from "#tests/support/postgres.ts";
import { account, addressIn, logOf, openAt, room } from "./open.ts";

const KEPT = "SELECT count(*) AS kept FROM pg_prepared_statements";

test("a store's connections keep the plans of their statements, and no others do", async () => {
  const address = addressIn(await (await testPostgres()).createDatabase());
  for (const [use, kept] of [
    [{ keepsStatements: true }, 1],
    [{}, 0],
  ] as const) {
    const connection = await Connection.open(address, use);
    for (let asked = 0; asked < 3; asked++) await connection.query("SELECT $1::text AS said", [`${asked}`]);
    expect((await connection.query(KEPT)).rows).toEqual([{ kept }]);
    connection.kill();
  }
});

test("a table that a newer version changes under a kept statement is read and written all the same", async () => {
  const postgres = await testPostgres();
  const url = await postgres.createDatabase();
  await using opened = await openAt(url);
  const ann = await account(opened.store);
  const id = await room(opened.store, [ann]);
  const reply = (content: string) => ({ roomId: id, nonce: content, content, replyTo: undefined });
  const change = async (type: string) => {
    for (const column of ["users ALTER COLUMN username", "messages ALTER COLUMN content", "rooms ALTER COLUMN name"]) {
      await postgres.sql(databaseIn(url), `ALTER TABLE parlour.${column} TYPE ${type}`);
    }
  };
  for (const type of ["varchar", "text", "character varying"]) {
    await opened.store.write("send-reply", { userId: ann }, reply(`as a reply to ${type}`));
    await opened.send(id, ann, `as ${type}`, `as ${type}`);
    await Promise.all(Array.from({ length: 6 }, () => logOf(opened.store, ann, id)));
    await change(type);
    await opened.store.write("send-reply", { userId: ann }, reply(`as a reply to what is ${type} now`));
    expect((await logOf(opened.store, ann, id)).length).toBeGreaterThan(0);
  }
  expect(await logOf(opened.store, ann, id)).toHaveLength(9);
});

test("a connection that was asked too many different things is taken for a new one", async () => {
  const connection = await Connection.open(addressIn(await (await testPostgres()).createDatabase()), {
    keepsStatements: true,
  });
  for (let text = 0; text < 500; text++) await connection.query(`SELECT $1::text AS said_${text}`, ["x"]);
  expect(connection.isWorn).toBe(false);
  await connection.query("SELECT $1::text AS one_more", ["x"]);
  expect(connection.isWorn).toBe(true);
  connection.kill();
});
