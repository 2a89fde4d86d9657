import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "#server/config.ts";
import { askApi, logIn } from "#tests/api/ask.ts";
import { emptyFolder, startProcess } from "#tests/api/start-process.ts";
import { freshBuild } from "../../bin/build.ts";

const folders: string[] = [];

function folder(): string {
  const made = emptyFolder();
  folders.push(made);
  return made;
}

beforeAll(async () => {
  await freshBuild(() => {});
}, 60_000);

afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

/** What the only line said, of a start that had to fail. */
async function refusedStart(env: Record<string, string>, cwd = folder()): Promise<string> {
  const started = startProcess(env, cwd);
  const { code, lines } = await started.ended;
  expect({ env, code, lines: lines.length }).toEqual({ env, code: 1, lines: 1 });
  return lines[0] ?? "";
}

test("each wrong setting stops the start with one line: the variable, the fault and the cure", async () => {
  const file = join(folder(), "a file");
  writeFileSync(file, "words of the file");
  const wrong: [Record<string, string>, RegExp][] = [
    [{ PORT: "eighty" }, /^PORT is "eighty": it must be a whole number from 0 to 65535\.$/],
    [{ PORT: "65536" }, /^PORT is "65536": .* 65535/],
    [{ PORT: "-1" }, /^PORT is "-1": .* 65535/],
    [{ PORT: "80.5" }, /^PORT is "80.5"/],
    [{ PORT: "", SERVICE_PORT: "99999" }, /^SERVICE_PORT is "99999": .* 65535/],
    [{ HOST: "203.0.113.7" }, /^HOST .*203\.0\.113\.7.*another HOST/],
    [{ HOST: "no such host.invalid" }, /^HOST .*no such host\.invalid.*another HOST/],
    [{ SIGNUP: "maybe" }, /^SIGNUP is "maybe": it must be one of open, invite, closed\.$/],
    [{ ROOM_CREATION: "nobody" }, /^ROOM_CREATION is "nobody": it must be one of everyone, admins\.$/],
    [{ LOG_LEVEL: "loud" }, /^LOG_LEVEL is "loud": it must be one of debug, info, warn, error\.$/],
    [{ RATE_LIMITS: "perhaps" }, /^RATE_LIMITS is "perhaps": it must be on or off\.$/],
    [{ TRUST_PROXY: "10.0.0.1" }, /^TRUST_PROXY is "10\.0\.0\.1": it must be on or off\.$/],
    [{ PUBLIC_URL: "chat.example.org" }, /^PUBLIC_URL is "chat\.example\.org": it must be an address like https:/],
    [{ PUBLIC_URL: "ftp://chat.example.org" }, /^PUBLIC_URL is /],
    [
      { CORS_ORIGINS: "https://ok.example.org, example.org" },
      /^CORS_ORIGINS has "example\.org": each must be an origin like/,
    ],
    [{ CORS_ORIGINS: "null" }, /^CORS_ORIGINS has "null"/],
    [{ PUSH: "on" }, /^PUSH_CONTACT must be like mailto:/],
    [{ PUSH: "on", PUBLIC_URL: "http://chat.lan" }, /^PUSH_CONTACT must be like mailto:/],
    [{ PUSH: "on", PUSH_CONTACT: "me" }, /^PUSH_CONTACT must be like mailto:/],
    [{ PUSH: "on", PUSH_CONTACT: "mailto:a@b", PUSH_HOSTS: "10.0.0.1/8" }, /^PUSH_HOSTS has "10\.0\.0\.1\/8"/],
    [
      { PUSH: "on", PUSH_CONTACT: "mailto:a@b", PUSH_HOSTS: "https://a.org/x" },
      /^PUSH_HOSTS has "https:\/\/a\.org\/x"/,
    ],
    [{ SMTP_URL: "mail.example.org" }, /^SMTP_URL must be like smtp:/],
    [{ SMTP_URL: "smtp://mail.example.org" }, /^SMTP_FROM must be the address/],
    [{ SMTP_URL: "smtp://mail.example.org", SMTP_FROM: "a@b, c@d" }, /^SMTP_FROM must be the address/],
    [{ SMTP_URL: "smtp://mail.example.org", SMTP_FROM: "a@b.org" }, /^PUBLIC_URL is missing/],
    [
      { SMTP_URL: "smtp://a:50%@mail.example.org", SMTP_FROM: "a@b.org", PUBLIC_URL: "https://b.org" },
      /^SMTP_URL has a "%" that stands for nothing; write it as %25\.$/,
    ],
    [
      {
        NATS_URL: "nats://parlour:50%@127.0.0.1:4222",
        DATABASE_URL: "postgresql://parlour@127.0.0.1/parlour",
        SECRET_KEY: "a secret of thirty-two bytes or more",
      },
      /^NATS_URL has a "%" that stands for nothing; write it as %25\.$/,
    ],
    [{ SECRET_KEY: "short" }, /^SECRET_KEY is too short: it must have 32 bytes or more\./],
    [{ TLS_CERT: file }, /^TLS_KEY is missing: TLS_CERT and TLS_KEY go together\.$/],
    [{ TLS_CERT: file, TLS_KEY: "/no/such/key" }, /^TLS_KEY is "\/no\/such\/key": there is no such file\.$/],
    [{ TLS_CERT: file, TLS_KEY: file }, /^TLS_CERT .*TLS_KEY/],
    [{ DATABASE_URL: "mysql://db/parlour" }, /^DATABASE_URL is of a kind .*sqlite:\/\/\//],
    [{ DATABASE_URL: "sqlite:///" }, /^DATABASE_URL is /],
    [{ DATABASE_URL: `sqlite:///${folder()}` }, /^.*DATABASE_URL/],
  ];
  for (let i = 0; i < wrong.length; i += 3) {
    await Promise.all(
      wrong.slice(i, i + 3).map(async ([env, line]) => {
        const said = await refusedStart(env);
        expect(said).toMatch(line);
        expect(said).not.toContain("words of the file");
      }),
    );
  }
}, 60_000);

test("a secret is never repeated by the line that refuses it", async () => {
  const said = await refusedStart({ SECRET_KEY: "hunter2hunter2", DATABASE_URL: "postgres://me:topsecret@db/parlour" });
  expect(said).not.toMatch(/hunter2|topsecret/);
  expect(await refusedStart({ DATABASE_URL: "mysql://me:topsecret@db/parlour" })).not.toContain("topsecret");
});

test("settings are taken as an operator writes them: any case of a choice, spaces around, empty for none", () => {
  const config = parseConfig({
    SIGNUP: " Closed ",
    RATE_LIMITS: "OFF",
    PORT: " ",
    SERVICE_PORT: "9000",
    CORS_ORIGINS: "https://A.example.org/, *",
    SECRET_KEY: " ",
    PUBLIC_URL: "https://chat.example.org/",
  });
  expect(config).toMatchObject({
    signup: "closed",
    rateLimits: false,
    port: 9_000,
    corsOrigins: ["https://a.example.org"],
    secretKey: null,
    publicUrl: "https://chat.example.org",
  });
});

test("a .env file beside the start is read, and the environment goes over it", async () => {
  const here = folder();
  writeFileSync(
    join(here, ".env"),
    '# settings\nexport SIGNUP="closed"\nROOM_CREATION=admins # for now\nLOG_LEVEL=loud\n',
  );
  const started = startProcess({ LOG_LEVEL: "warn" }, here);
  const info = await askApi(await started.ready, "GET", "/info");
  expect(info.body).toMatchObject({ signup: "closed", room_creation: "admins" });
  started.process.kill("SIGTERM");
  expect((await started.ended).code).toBe(0);
  expect(await refusedStart({}, here)).toMatch(/^LOG_LEVEL is "loud"/);
}, 20_000);

test("a port that is taken stops the start with one line that names it", async () => {
  const other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  try {
    const said = await refusedStart({ PORT: String(other.port) });
    expect(said).toMatch(new RegExp(`^PORT ${other.port} is in use`));
    expect(said).toContain("choose another PORT");
  } finally {
    other.stop();
  }
});

test("a data folder that cannot be made or written stops the start with one line that names it", async () => {
  const file = join(folder(), "a file");
  writeFileSync(file, "");
  for (const path of [file, join(file, "below"), "/proc/parlour-data", "/sys/kernel"]) {
    const said = await refusedStart({ DATA_DIR: path });
    expect(said).toContain(path);
    expect(said).toMatch(/DATA_DIR/);
  }
}, 20_000);

test("a data folder that another server has stops the start with one line that names its holder", async () => {
  const here = folder();
  const first = startProcess({}, here);
  const port = new URL(await first.ready).port;
  const said = await refusedStart({}, here);
  expect(said).toContain(join(here, "data"));
  expect(said).toContain(`process ${first.process.pid}`);
  expect(said).toMatch(/in use by .*since \d{4}-\d\d-\d\dT/);
  expect(said).toContain("DATA_DIR");
  // The refused one took nothing from the one that runs.
  expect((await askApi(`http://127.0.0.1:${port}`, "GET", "/info")).status).toBe(200);
  const elsewhere = await refusedStart(
    { DATA_DIR: join(here, "other"), DATABASE_URL: `sqlite:///${join(here, "data/parlour.db")}` },
    here,
  );
  expect(elsewhere).toContain(`process ${first.process.pid}`);
  // A process that was killed holds nothing.
  first.process.kill("SIGKILL");
  await first.ended;
  const second = startProcess({}, here);
  await second.ready;
  second.process.kill("SIGTERM");
  expect((await second.ended).code).toBe(0);
}, 20_000);

test("a SQLite file of another program stops the start with one line that names `parlour import`, and is left as it was", async () => {
  const here = folder();
  const path = join(here, "chat.db");
  const db = new Database(path, { create: true });
  db.run("CREATE TABLE chatrooms (id INTEGER PRIMARY KEY, name TEXT)");
  db.run("CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT)");
  db.close();
  const before = readFileSync(path);
  const said = await refusedStart({ DATABASE_URL: `sqlite:///${path}` }, here);
  expect(said).toContain(path);
  expect(said).toContain("`parlour import`");
  expect(said).toContain("chatrooms");
  using after = new Database(path, { readonly: true });
  const tables = after.query<{ name: string }, []>("SELECT name FROM sqlite_schema ORDER BY name").all();
  expect(tables.map((table) => table.name)).toEqual(["chatrooms", "users"]);
  expect(readFileSync(path).equals(before)).toBe(true);
}, 20_000);

test("a file that is no database at all stops the start with one line that names it, and is left as it was", async () => {
  const here = folder();
  mkdirSync(join(here, "data"));
  const path = join(here, "data/parlour.db");
  const content = "this is a letter and no database\n".repeat(200);
  writeFileSync(path, content);
  const said = await refusedStart({}, here);
  expect(said).toContain(path);
  expect(readFileSync(path, "utf8")).toBe(content);
}, 20_000);

test("a database that a newer program changed stops the start with one line that says what to do", async () => {
  const here = folder();
  const first = startProcess({}, here);
  await first.ready;
  first.process.kill("SIGTERM");
  await first.ended;
  const path = join(here, "data/parlour.db");
  const db = new Database(path);
  db.run("INSERT INTO schema_versions VALUES (9001, 9000, 0)");
  db.close();
  const said = await refusedStart({}, here);
  expect(said).toContain(path);
  expect(said).toMatch(/newer Parlour.*9000.*Start the newer version/);
}, 20_000);

test("the secret is made at the first start for the owner of the folder alone, and one that was cut short is refused", async () => {
  const here = folder();
  const first = startProcess({}, here);
  const url = await first.ready;
  const path = join(here, "data/secret");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(here, "data")).mode & 0o777).toBe(0o700);
  expect(readFileSync(path, "utf8").length).toBeGreaterThanOrEqual(43);
  const by = { username: "ann", password: "long enough" };
  await askApi(url, "POST", "/signup", { json: by });
  const { access_token: token } = await logIn(url, by);
  first.process.kill("SIGTERM");
  await first.ended;

  const again = startProcess({}, here);
  expect((await askApi(await again.ready, "GET", "/me", { token })).status).toBe(200);
  again.process.kill("SIGTERM");
  await again.ended;

  for (const cut of ["", "\n", "short"]) {
    writeFileSync(path, cut);
    const said = await refusedStart({}, here);
    expect(said).toContain(path);
    expect(said).toMatch(/too short|cut short/);
  }
  expect(existsSync(path)).toBe(true);
}, 20_000);

test("RATE_LIMITS=off says at the start what it lifts", async () => {
  const started = startProcess({ RATE_LIMITS: "off" }, folder());
  await started.ready;
  started.process.kill("SIGTERM");
  const { code, lines } = await started.ended;
  expect(code).toBe(0);
  expect(lines.join("\n")).toContain("RATE_LIMITS is off");
  expect(lines.join("\n")).toContain("the first one to sign up is its admin");
}, 20_000);
