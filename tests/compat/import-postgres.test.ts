import { expect, test } from "bun:test";
import type { RoomList } from "#shared/contract/rooms.ts";
import type { MessagePage } from "#shared/models.ts";
import { askApi, logIn } from "#tests/api/ask.ts";
import { databaseIn, testPostgres } from "#tests/support/postgres.ts";
import { emptyFolder, parlourSays } from "#tests/support/run-parlour.ts";
import { startTestServer } from "#tests/support/start-server.ts";

const HASH = await Bun.password.hash("the old one", { algorithm: "bcrypt", cost: 4 });

test("a database in PostgreSQL comes as one in a file does, page by page, again without doubling, and what came since", async () => {
  const postgres = await testPostgres();
  const source = await postgres.createDatabase();
  const sql = (text: string) => postgres.sql(databaseIn(source), text);
  await sql(`
    CREATE TYPE role AS ENUM ('ADMIN', 'USER');
    CREATE TABLE "user" (id serial PRIMARY KEY, username varchar, password_hash varchar, role role, is_active boolean,
      created_at timestamptz);
    CREATE TABLE rooms (id bigserial PRIMARY KEY, name varchar, is_private boolean, creator_id int);
    CREATE TABLE messages (id uuid PRIMARY KEY, content text, user_id int, room_id bigint, created_at timestamp);
    INSERT INTO "user" (username, password_hash, role, is_active, created_at) VALUES
      ('ann', '${HASH}', 'ADMIN', true, '2024-01-01 12:00:00+02'), ('bob', '${HASH}', 'USER', false, null);
    INSERT INTO rooms (name, is_private, creator_id) VALUES ('Hall', false, 1), ('Attic', true, 1);
    INSERT INTO messages SELECT gen_random_uuid(), 'message ' || n, 1 + n % 2, 1 + n % 2,
      timestamp '2024-02-01 10:00:00.25' + n * interval '1 second' FROM generate_series(1, 12000) AS n`);
  const dataDir = emptyFolder();
  const first = await parlourSays(dataDir, "import", source, "--admin", "ann");
  expect(first).toMatchObject({ code: 0, errors: "" });
  expect(first.out).toContain("2 users, 2 rooms, 12,000 messages");
  await sql(`INSERT INTO messages VALUES (gen_random_uuid(), 'later', 1, 1, '2025-02-01 10:00:00')`);
  for (const _ of ["once", "twice"]) {
    const again = await parlourSays(dataDir, "import", source);
    expect(again.out).toContain("2 users, 2 rooms, 12,001 messages");
  }

  await using server = await startTestServer({ DATA_DIR: dataDir, DATABASE_URL: `sqlite:///${dataDir}/parlour.db` });
  const { access_token: token } = await logIn(server.url, { username: "ann", password: "the old one" });
  const bob = await askApi(server.url, "POST", "/token", { json: { username: "bob", password: "the old one" } });
  expect(bob.status).toBe(401);
  expect((await askApi(server.url, "GET", "/me", { token })).body).toMatchObject({
    role: "admin",
    created_at: "2024-01-01T10:00:00.000Z",
  });
  const { items: rooms } = (await askApi(server.url, "GET", "/rooms", { token })).body as RoomList;
  expect(rooms).toMatchObject([
    { id: 1, name: "Hall", kind: "public" },
    { id: 2, name: "Attic", kind: "private" },
  ]);
  const page = (await askApi(server.url, "GET", "/rooms/1/messages?limit=2", { token })).body as MessagePage;
  expect(page.items).toMatchObject([
    { content: "message 12000", n: 6_000, timestamp: "2024-02-01T13:20:00.250Z" },
    { content: "later", n: 6_001 },
  ]);
}, 60_000);

test("a PostgreSQL that cannot be reached is named without its password", async () => {
  const said = await parlourSays(emptyFolder(), "import", "postgresql://ann:sesame@127.0.0.1:9/chat");
  expect(said.code).toBe(1);
  expect(said.errors).toContain("The database postgresql://127.0.0.1:9/chat cannot be read:");
  expect(said.out + said.errors).not.toContain("sesame");
});
