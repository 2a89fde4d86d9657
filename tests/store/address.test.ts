import { expect, test } from "bun:test";
import { ConfigFault, type Env, parseConfig } from "#server/config.ts";

const base = { socketFolder: null, port: 5432, password: "", tls: null };

test.each([
  ["postgres://ann@db/talk", { ...base, hostname: "db", username: "ann", database: "talk" }],
  [
    "postgresql+psycopg2://ann:p%40ss:word@db.example:6543/talk",
    { ...base, hostname: "db.example", username: "ann", password: "p@ss:word", port: 6543, database: "talk" },
  ],
  [
    "postgresql://ann@/talk?host=/run/postgresql",
    { ...base, hostname: "localhost", socketFolder: "/run/postgresql", username: "ann", database: "talk" },
  ],
  [
    "postgresql+asyncpg://ann@[::1]/talk?sslmode=require",
    { ...base, hostname: "::1", username: "ann", database: "talk", tls: { verify: false, ca: null } },
  ],
] as const)("DATABASE_URL %s is understood as other programs understand it", (url, address) => {
  expect(parseConfig({ DATABASE_URL: url }).database).toEqual({ kind: "postgres", address });
});

test("the parts that other systems have make the address, and their CHUNK_SIZE is taken", () => {
  const parts = { DATABASE_HOST: "db", DATABASE_PORT: "6543", DATABASE_USER: "ann", DATABASE_NAME: "talk" };
  const address = { ...base, hostname: "db", port: 6543, username: "ann", password: " secret#?/", database: "talk" };
  const env = { ...parts, DATABASE_PASSWORD: " secret#?/", CHUNK_SIZE: "1000" };
  expect(parseConfig(env).database).toEqual({ kind: "postgres", address });
  expect(parseConfig({ CHUNK_SIZE: "1000" }).database.kind).toBe("sqlite");
  expect(parseConfig({ ...env, DATABASE_URL: "sqlite:///here.db" }).database.kind).toBe("sqlite");
});

test.each([
  [{ DATABASE_URL: "postgresql://db/talk" }, /^DATABASE_URL names no user: .*postgresql:\/\//],
  [{ DATABASE_URL: "postgresql://ann:hush@db/" }, /^DATABASE_URL names no database/],
  [{ DATABASE_URL: "postgresql://ann:hush@db:99999/talk" }, /^DATABASE_URL is no address/],
  [{ DATABASE_URL: "postgresql://ann:hush%zz@db/talk" }, /^DATABASE_URL has a "%"/],
  [{ DATABASE_URL: "postgresql://ann:hush@db/talk?pool=9" }, /^DATABASE_URL has "pool"/],
  [
    { DATABASE_URL: "postgresql://ann:hush@db/talk?sslmode=perhaps" },
    /^DATABASE_URL has sslmode=perhaps: .*verify-full/,
  ],
  [{ DATABASE_HOST: "db", DATABASE_USER: "ann" }, /^DATABASE_NAME is missing/],
  [{ DATABASE_PASSWORD: "hush" }, /^DATABASE_HOST is missing/],
  [{ DATABASE_HOST: "db", DATABASE_USER: "a", DATABASE_NAME: "b", DATABASE_PORT: "five" }, /^DATABASE_PORT is "five"/],
] satisfies [Env, RegExp][])("%o stops the start with one line that shows no password", (env, line) => {
  const start = () => parseConfig(env);
  expect(start).toThrow(ConfigFault);
  expect(start).toThrow(line);
  expect(start).not.toThrow(/hush|\n/);
});
