import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { askApi } from "#tests/api/ask.ts";
import { emptyFolder, startProcess } from "#tests/api/start-process.ts";
import { databaseIn, testPostgres } from "#tests/support/postgres.ts";

test("system E's .env starts a server as it stands, on its port and with its PostgreSQL", async () => {
  const postgres = await testPostgres();
  const database = await postgres.createDatabase();
  const { hostname, port, username } = new URL(database);
  const free = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const own = free.port;
  free.stop(true);
  const folder = emptyFolder();
  writeFileSync(
    join(folder, ".env"),
    `SERVICE_PORT=${own}
SECRET_KEY="a key of their own, of more than 32 bytes"
DATABASE_HOST=${hostname}
DATABASE_PORT=${port}
DATABASE_USER=${username}
DATABASE_NAME=${databaseIn(database)}
DATABASE_PASSWORD='s3cret, and not asked for here'
CHUNK_SIZE=1024
`,
  );
  const started = startProcess({ PORT: "" }, folder);
  const url = await started.ready;
  expect(new URL(url).port).toBe(String(own));
  const account = { username: "eve", email: "eve@example.org", password: "a long password" };
  const signedUp = await fetch(`${url}/user/signup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(account),
  });
  expect(signedUp.status).toBe(201);
  expect((await askApi(url, "GET", "/info")).status).toBe(200);
  expect(await postgres.sql(databaseIn(database), "SELECT username FROM parlour.users")).toBe("eve");
  started.process.kill("SIGTERM");
  expect((await started.ended).code).toBe(0);
}, 30_000);
