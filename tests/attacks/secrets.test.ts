import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TokenPair } from "#shared/contract/accounts.ts";
import { type Answer, ask, askApi, logIn } from "#tests/api/ask.ts";
import { emptyFolder, type Started, startProcess } from "#tests/api/start-process.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { freshBuild } from "../../bin/build.ts";

const WORDS = "a sentence that nobody else may read";
const ROOM_NAME = "a room that nobody else may know";
const PASSWORDS = [
  "the first password of olga",
  "the second password of olga",
  "a wrong guess at a password",
  "bob's own pass phrase",
];
const EMAIL = "olga.private@example.org";
const SECRET_KEY = "the secret key of this server, set by its operator";
const METRICS = "the bearer token for metrics";

let folder: string;
let process_: Started;
let said: readonly string[];
/** Everything that may be used instead of a password. */
const tokens: string[] = [];
const answers: Answer[] = [];

/** A whole walk: every kind of secret is made, used, misused and ended, with the log at its most talkative. */
beforeAll(async () => {
  await freshBuild(() => {});
  folder = emptyFolder();
  process_ = startProcess(
    { LOG_LEVEL: "debug", SECRET_KEY, METRICS_TOKEN: METRICS, DATA_DIR: join(folder, "data") },
    folder,
  );
  const base = await process_.ready;
  const api = async (method: string, path: string, asked: Parameters<typeof askApi>[3] = {}) => {
    const answer = await askApi(base, method, path, asked);
    answers.push(answer);
    return answer;
  };
  const [first = "", second = "", wrong = "", bobs = ""] = PASSWORDS;
  const keep = (pair: TokenPair) => {
    tokens.push(pair.access_token, pair.refresh_token);
    return pair;
  };
  await api("POST", "/signup", { json: { username: "olga", password: first, email: EMAIL } });
  await api("POST", "/signup", { json: { username: "bob", password: bobs } });
  await api("POST", "/signup", { json: { username: "bob", password: bobs } });
  await api("POST", "/signup", { json: { username: "evil", password: wrong, unknown: first } });
  await api("POST", "/token", { json: { username: "olga", password: wrong } });
  await api("POST", "/token", { json: { username: first, password: "olga" } });
  await api("POST", "/token", { raw: { type: "application/json", body: `{"username":"olga","password":"${first}"` } });
  const pair = keep(await logIn(base, { username: "olga", password: first }));
  const token = pair.access_token;
  const { refresh_token } = keep(
    (
      await askApi(base, "POST", "/token/refresh", {
        json: { refresh_token: pair.refresh_token, nonce: "refresh-nonce" },
      })
    ).body as TokenPair,
  );
  await api("POST", "/token/refresh", { json: { refresh_token: pair.refresh_token, nonce: 7 } });
  const web = await askApi(base, "POST", "/web/login", { json: { username: "olga", password: first } });
  tokens.push(
    (web.body as TokenPair).access_token,
    ...web.headers.getSetCookie().map((line) => line.split(/[=;]/)[1] ?? ""),
  );
  const { id: room } = (
    await api("POST", "/rooms", { token, json: { name: ROOM_NAME, kind: "private", description: WORDS } })
  ).body as { id: number };
  for (const content of [WORDS, `${WORDS}\u0000`, WORDS.repeat(400)]) {
    await api("POST", `/rooms/${room}/messages`, { token, json: { content, nonce: "message-nonce" } });
  }
  const ticket = async () => ((await askApi(base, "POST", "/ticket", { token })).body as { ticket: string }).ticket;
  const tickets = [await ticket(), await ticket()];
  tokens.push(...tickets);
  for (const path of [
    `/ws?ticket=${tickets[0]}`,
    `/ws?ticket=${tickets[0]}`,
    `/ws?token=${token}`,
    `/ws?token=${token}x`,
    `/ws/${room}?token=${token}`,
    `/ws/${encodeURIComponent(ROOM_NAME)}?token=${token}`,
  ]) {
    const socket = await RawSocket.open(base, path, null);
    if (!socket.closed) socket.sayText(`{"type":"hello","token":"${token}"}`);
    socket.sayText(`{"content":"${WORDS}"`);
    socket.sayText(WORDS);
    socket.close();
  }
  await ask(base, "GET", `/metrics?token=${token}`, { headers: { authorization: `Bearer ${METRICS}` } });
  await ask(base, "GET", `/chat/${room}?token=${token}`);
  await api("GET", `/nothing/${token}`);
  await api("GET", "/me", { token: `${token}x` });
  await api("POST", "/me/password", { token, json: { current_password: wrong, new_password: second } });
  await api("POST", "/me/password", { token, json: { current_password: first, new_password: "short" } });
  await api("POST", "/me/password", { token, json: { current_password: first, new_password: second } });
  await api("POST", "/token/refresh", { json: { refresh_token: `${refresh_token}x` } });
  await api("GET", "/me/sessions", { token });
  await api("POST", "/logout", { token });
  process_.process.kill("SIGTERM");
  said = (await process_.ended).lines;
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("no password, token, cookie, ticket, address, room name or word of a message is in what the server says", () => {
  const text = said.join("\n");
  expect(said.length).toBeGreaterThan(0);
  for (const secret of [...PASSWORDS, ...tokens, SECRET_KEY, METRICS, WORDS, ROOM_NAME, EMAIL]) {
    expect({ secret, found: text.includes(secret) }).toEqual({ secret, found: false });
  }
  // Not a part of one either: a signature without its head opens nothing, a head names its session.
  for (const token of tokens) {
    for (const part of token.split("."))
      if (part.length > 16) expect({ part, found: text.includes(part) }).toEqual({ part, found: false });
  }
});

test("no refusal repeats a password, a token or what somebody wrote", () => {
  for (const { status, text } of answers) {
    if (status < 400) continue;
    for (const secret of [...PASSWORDS, ...tokens, WORDS, EMAIL]) {
      expect({ text, secret, found: text.includes(secret) }).toEqual({ text, secret, found: false });
    }
  }
});

test("no password and nothing that could be used instead of one is in the data folder in clear", () => {
  expect(tokens.length).toBeGreaterThanOrEqual(9);
  const files = readdirSync(join(folder, "data"));
  expect(files).toContain("parlour.db");
  for (const file of files) {
    const bytes = readFileSync(join(folder, "data", file));
    for (const secret of [...PASSWORDS, ...tokens, SECRET_KEY, METRICS]) {
      expect({ file, secret, found: bytes.includes(secret) }).toEqual({ file, secret, found: false });
    }
  }
  // The looking itself works: what is meant to be stored is found.
  expect(readFileSync(join(folder, "data/parlour.db")).includes(WORDS)).toBe(true);
});

test("what the server stores is for its own user alone, even in a folder that others may read", async () => {
  const open = emptyFolder();
  const started = startProcess({ DATA_DIR: open }, open);
  const base = await started.ready;
  await askApi(base, "POST", "/signup", { json: { username: "olga", password: PASSWORDS[0] } });
  const modes = readdirSync(open).map((file) => [file, (statSync(join(open, file)).mode & 0o077).toString(8)]);
  started.process.kill("SIGKILL");
  await started.ended;
  expect(Object.fromEntries(modes)).toMatchObject({ "parlour.db": "0", "parlour.db-wal": "0", secret: "0" });
  expect(modes.filter(([, mode]) => mode !== "0")).toEqual([]);
  rmSync(open, { recursive: true, force: true });
}, 20_000);
