import { expect, test } from "bun:test";
import { Connection } from "#server/store/postgres/connection.ts";
import { people } from "#tests/support/people.ts";
import { startPgBouncer } from "#tests/support/pgbouncer.ts";
import { testPostgres } from "#tests/support/postgres.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import { startTestServer } from "#tests/support/start-server.ts";
import { account, addressIn, logOf, openAt, room } from "../store/open.ts";

/** Fewer than one node alone would hold, so that every transaction gets another one's. */
const CONNECTIONS = 4;

test("behind PgBouncer in transaction mode two nodes migrate once, and store and number all as without it", async () => {
  const database = await (await testPostgres()).createDatabase();
  await using bouncer = await startPgBouncer(database, CONNECTIONS);
  const opened = await Promise.all([openAt(bouncer.url), openAt(bouncer.url)]);
  const [one] = opened;
  const ann = await account(one.store);
  const rooms: number[] = [];
  for (let made = 0; made < 6; made++) rooms.push(await room(one.store, [ann]));
  const sent = opened.flatMap((node, at) =>
    rooms.flatMap((id) =>
      Array.from({ length: 50 }, (_, n) =>
        n % 5 === 0
          ? node.store.write(
              "send-reply",
              { userId: ann },
              { roomId: id, nonce: null, content: `@a ${at} ${n}`, replyTo: undefined },
            )
          : node.send(id, ann, `${at} ${id} ${n}`, `${at} ${n}`),
      ),
    ),
  );
  expect((await Promise.all(sent)).filter((outcome) => !Array.isArray(outcome))).toEqual([]);
  for (const id of rooms) {
    const log = await logOf(one.store, ann, id);
    expect(log.map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
  }
  for (const each of opened) await each[Symbol.asyncDispose]();
}, 60_000);

test("behind PgBouncer no statement is kept, which another connection would find under the same name", async () => {
  const database = await (await testPostgres()).createDatabase();
  await using bouncer = await startPgBouncer(database, 1);
  const lines = [];
  for (let line = 0; line < 2; line++) {
    lines.push(await Connection.open(addressIn(bouncer.url), { keepsStatements: true }));
  }
  for (const [at, line] of lines.entries()) {
    for (let asked = 0; asked < 3; asked++) {
      const { rows } = await line.query<{ said: string }>(`SELECT $1::text AS said, ${at} AS line`, [`${asked}`]);
      expect(rows).toEqual([expect.objectContaining({ said: `${asked}`, line: at })]);
    }
    expect((await line.query("SELECT count(*) AS kept FROM pg_prepared_statements")).rows).toEqual([{ kept: 0 }]);
  }
  for (const line of lines) line.kill();
}, 20_000);

test("a server behind PgBouncer serves people, heals, and tells of a second one beside it", async () => {
  const database = await (await testPostgres()).createDatabase();
  await using bouncer = await startPgBouncer(database, CONNECTIONS);
  const env = { DATABASE_URL: bouncer.url, SECRET_KEY: "of the tests alone, and long enough", RATE_LIMITS: "off" };
  await using a = await startTestServer(env);
  await using b = await startTestServer(env);
  const [ann, ben] = await people(a.url, "ann", "ben");
  const id = (await ann.api.createRoom({ name: "room", kind: "private" })).id;
  await ann.api.addMembers(id, [ben.id]);
  const hello = { epoch: a.store.epoch, rooms: { [id]: 2 }, open: [id] };
  const bens = await RawSocket.ready(b.url, await ben.token(), hello);
  const speaker = await RawSocket.ready(a.url, await ann.token());
  const last = await sayMany(speaker, id, 50);
  await bens.hears("message", (message) => message.seq === last);
  expect(bens.all("message").map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, at) => at + 3));
  await Bun.sleep(6_500);
  expect(bens.closed).toBeNull();
  for (const { logged } of [a, b]) {
    expect(logged.filter((line) => line.includes("Another server runs on this database"))).toHaveLength(1);
  }
  for (const socket of [bens, speaker]) socket.close();
}, 60_000);
