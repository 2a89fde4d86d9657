import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "#tests/support/eventually.ts";
import { databaseIn, startPostgres, type TestPostgres } from "#tests/support/postgres.ts";
import { account, openAt, room } from "./open.ts";

/** The line to PostgreSQL is encrypted where the address says so, and never goes on in the clear instead. */

let postgres: TestPostgres;
let url = "";
const folder = mkdtempSync(join(tmpdir(), "parlour-postgres-tls-"));
const fileOf = (name: string, end: "pem" | "key") => join(folder, `${name}.${end}`);

beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.createDatabase();
  const { uid, gid } = statSync(await postgres.sql("postgres", "SHOW data_directory"));
  chmodSync(folder, 0o711);
  for (const [name, place] of [
    ["own", "IP:127.0.0.1"],
    ["elsewhere", "DNS:elsewhere.example"],
  ] as const) {
    const command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=elsewhere";
    const files = ["-keyout", fileOf(name, "key"), "-out", fileOf(name, "pem")];
    const made = Bun.spawnSync(["openssl", ...command.split(" "), "-addext", `subjectAltName=${place}`, ...files]);
    if (!made.success) throw new Error(made.stderr.toString());
    chmodSync(fileOf(name, "key"), 0o600);
    chownSync(fileOf(name, "key"), uid, gid);
  }
});
afterAll(async () => {
  await set("ssl = off");
  rmSync(folder, { recursive: true, force: true });
});

async function set(...settings: string[]): Promise<void> {
  for (const setting of settings) await postgres.sql("postgres", `ALTER SYSTEM SET ${setting}`);
  await postgres.sql("postgres", "SELECT pg_reload_conf()");
}

/** Until new lines get this certificate: a server that was told to read its settings again does so in its own time. */
async function certifiedBy(name: string): Promise<void> {
  await set(`ssl_cert_file = '${fileOf(name, "pem")}'`, `ssl_key_file = '${fileOf(name, "key")}'`, "ssl = on");
  const wanted = await Bun.file(fileOf(name, "pem")).text();
  const { host } = new URL(url);
  await eventually(() => {
    const words = ["openssl", "s_client", "-starttls", "postgres", "-connect", host];
    expect(Bun.spawnSync(words, { stdin: "ignore" }).stdout.toString()).toContain(wanted);
  });
}

const at = (params: string) => `${url}?${params}`;

test("with sslmode=require a database without TLS is refused at once, and nothing is said to it in the clear", async () => {
  await expect(openAt(at("sslmode=require"))).rejects.toThrow("does not support SSL");
});

test("with sslmode=require every line to a database with a certificate of its own is encrypted", async () => {
  await certifiedBy("own");
  await using opened = await openAt(at("sslmode=require"));
  const ann = await account(opened.store);
  const id = await room(opened.store, [ann]);
  expect(await opened.send(id, ann, null, "read by nobody on the way")).toBeArray();
  const lines = "SELECT count(*) > 1, bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname =";
  expect(await postgres.sql("postgres", `${lines} '${databaseIn(url)}'`)).toBe("t|t");
});

test("with sslmode=verify-full only a certificate that is signed by a known one, for this very host, will do", async () => {
  await certifiedBy("own");
  await expect(openAt(at("sslmode=verify-full"))).rejects.toThrow(/certificate/);
  await using opened = await openAt(at(`sslmode=verify-full&sslrootcert=${fileOf("own", "pem")}`));
  await account(opened.store);
  await certifiedBy("elsewhere");
  const elsewhere = fileOf("elsewhere", "pem");
  await expect(openAt(at(`sslmode=verify-full&sslrootcert=${elsewhere}`))).rejects.toThrow(/certificate|host/i);
});
