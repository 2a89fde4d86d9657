import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import type { MemberList, RoomList } from "#shared/contract/rooms.ts";
import type { MessagePage } from "#shared/models.ts";
import { askApi, logIn } from "#tests/api/ask.ts";
import { emptyFolder, parlourSays } from "#tests/support/run-parlour.ts";
import { startTestServer } from "#tests/support/start-server.ts";

/** Databases as years of use leave them. */

const HASH = await Bun.password.hash("the old one", { algorithm: "bcrypt", cost: 4 });

function oldDatabase(fill: (db: Database) => void): string {
  const path = join(emptyFolder(), "old.db");
  const db = new Database(path);
  fill(db);
  db.close();
  return path;
}

const serverOn = (dataDir: string) =>
  startTestServer({ RATE_LIMITS: "off", DATA_DIR: dataDir, DATABASE_URL: `sqlite:///${dataDir}/parlour.db` });

test("what the rules here refuse is changed or left out by a printed rule, and nothing without one", async () => {
  const source = oldDatabase((db) => {
    db.run("CREATE TABLE users (id INTEGER PRIMARY KEY, username, email, password_hash, role, is_active, created_at)");
    db.run("CREATE TABLE rooms (id INTEGER PRIMARY KEY, name, description, created_by)");
    db.run("CREATE TABLE messages (id INTEGER PRIMARY KEY, content, user_id, room_id, timestamp, deleted)");
    const user = db.query("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, '2024-01-01')");
    user.run(1, "ann@example.org", "ann@example.org", HASH, "admin", 1);
    user.run(2, "ann", "ANN@example.org", HASH, "user", 1);
    user.run(3, "Ann", "no address", HASH, "UserRole.ADMIN", 1);
    user.run(4, "x".repeat(50), null, HASH, "user", 1);
    user.run(5, "gone", null, HASH, "user", 0);
    user.run(6, "plain", null, "secret", "user", 1);
    user.run(7, "zero\u200bwidth", null, HASH.replace("$2b$", "$2y$"), "user", 1);
    user.run(8, null, null, HASH, "user", null);
    const room = db.query("INSERT INTO rooms VALUES (?, ?, ?, ?)");
    room.run(1, "General", "d".repeat(600), 2);
    room.run(2, "general", null, 77);
    room.run(3, "2024", null, 5);
    const message = db.query("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)");
    message.run(1, "first", 1, 1, "2024-02-01 10:00:00", 0);
    message.run(2, "", 1, 1, "2024-02-01 10:00:01", 0);
    message.run(3, "of nobody", 77, 1, "2024-02-01 10:00:02", 0);
    message.run(4, "of no room", 1, 77, "2024-02-01 10:00:03", 0);
    message.run(5, "no time", 2, 1, "whenever", 0);
    message.run(6, "taken back", 2, 1, "2024-02-01 10:00:05", 1);
    message.run(7, "long ".repeat(2_000), 3, 1, "2024-02-01 10:00:06", 0);
    message.run(8, "last", 4, 3, "2024-02-01 10:00:07", 0);
    message.run(10, new Uint8Array([0x62, 0x79, 0x74, 0x65, 0xff]), 1, 3, "2024-02-01 10:00:09", 0);
    db.run("INSERT INTO messages VALUES (9, CAST(x'610062' AS TEXT), 1, 3, '2024-02-01 10:00:08', null)");
  });
  const dataDir = emptyFolder();
  const dry = await parlourSays(dataDir, "import", source, "--dry-run", "--admin", "Ann");
  const said = await parlourSays(dataDir, "import", source, "--admin", "Ann");
  expect(said).toMatchObject({ code: 0, errors: "" });
  const changes = (out: string) => out.slice(out.indexOf("Changed or left out"), out.indexOf("\n\nThis was"));
  expect(changes(`${said.out}\n\nThis was`)).toContain(changes(dry.out).trim());
  for (const line of [
    "Here now: 8 users, 3 rooms, 7 messages",
    '1  A user name with @ keeps what stands before it. Its owner logs in with the old name or the new one.\n           "ann@example.org" → ann-2',
    '1  A name that is another\'s in its normal form gets a number. Its owner logs in with the old name, spelled exactly so, or the new one.\n           "Ann" → Ann-3',
    "1  A user name ends after 40 characters.",
    "1  A user without a name is called after their id.",
    '1  Invisible characters leave a name. Its owner logs in with the old name or the new one.\n           "zero\\u200bwidth" → zerowidth',
    '2  An e-mail address that is none, or another account\'s, is left out.\n           ann: "ANN@example.org", Ann-3: "no address"',
    "1  A password that is no bcrypt or argon2 hash is left out. `parlour password NAME` lets its owner in.\n           plain",
    "1  An administrator who is not named by --admin comes as an ordinary user.\n           ann-2",
    "1  Who was not active stays so: no login.\n           gone",
    '1  A room\'s name of digits alone gets "room-" before it: digits alone are ids.\n           "2024" → room-2024',
    '1  A public room whose name is another\'s gets a number.\n           "general" → general-2',
    "1  A description ends after 500 characters",
    "1  A room whose maker is not known has no room admin: the server's admins look after it.\n           general-2",
    "1  A message whose author is no longer there belongs to an account that nobody can log in to.\n           message 3 of 77",
    "1  A message of a room that is not there is left out.\n           message 4 in 77",
    "1  U+0000 leaves a message's text.\n           message 9",
    "1  A message's bytes that are no UTF-8 become U+FFFD.\n           message 10",
    "1  A message without text is left out.\n           message 2",
    "1  A message of more than 8,000 characters or 32 KiB becomes several, one after the other.\n           message 7 in 2",
    "1  A message that was deleted is left out.\n           message 6",
    "1  A time that is missing, unreadable, before 1970 or in the future becomes that of the message before it.\n           message 5",
  ]) {
    expect(said.out).toContain(line);
  }

  await using server = await serverOn(dataDir);
  const enters = async (username: string) => {
    const answer = await askApi(server.url, "POST", "/token", { json: { username, password: "the old one" } });
    if (answer.status !== 200) return answer.status;
    const { access_token: token } = answer.body as { access_token: string };
    return (await askApi(server.url, "GET", "/me", { token })).body;
  };
  expect(await enters("ann@example.org")).toMatchObject({
    id: 1,
    username: "ann-2",
    role: "user",
    email: "ann@example.org",
  });
  expect(await enters("ann")).toMatchObject({ id: 2, username: "ann", email: null });
  expect(await enters("ann-3")).toMatchObject({ id: 3, role: "admin" });
  expect(await enters("Ann")).toMatchObject({ id: 3, username: "Ann-3" });
  expect(await enters("ANN")).toMatchObject({ id: 2 });
  expect(await enters("x".repeat(50))).toMatchObject({ id: 4, username: "x".repeat(40) });
  expect(await enters("zero\u200bwidth")).toMatchObject({ id: 7, username: "zerowidth" });
  expect(await enters("user-8")).toMatchObject({ id: 8 });
  for (const nobody of ["gone", "plain", "former user", ""]) expect(await enters(nobody)).toBe(401);

  const { access_token: token } = await logIn(server.url, { username: "ann", password: "the old one" });
  const page = (await askApi(server.url, "GET", "/rooms/1/messages", { token })).body as MessagePage;
  expect(page.items.map(({ id, username, timestamp }) => [id, username, timestamp.slice(11, 19)])).toEqual([
    [1, "ann-2", "10:00:00"],
    [3, "former user", "10:00:02"],
    [5, "ann", "10:00:02"],
    [7, "Ann-3", "10:00:06"],
    [11, "Ann-3", "10:00:06"],
  ]);
  expect(
    page.items
      .slice(3)
      .map(({ content }) => content)
      .join(""),
  ).toBe("long ".repeat(2_000));
  const members = (await askApi(server.url, "GET", "/rooms/1/members", { token })).body as MemberList;
  expect(members.items.map(({ user_id, role }) => [user_id, role]).sort()).toEqual([
    [1, "member"],
    [2, "admin"],
    [3, "member"],
  ]);
  // What comes next is numbered on.
  const sent = await askApi(server.url, "POST", "/rooms/1/messages", { token, json: { content: "and on" } });
  expect(sent).toMatchObject({ status: 201, body: { id: 12, n: 6 } });
});

test("ids that are no numbers come under new ones, private rooms with those who are listed in them, each once", async () => {
  const source = oldDatabase((db) => {
    db.run("CREATE TABLE user (id TEXT PRIMARY KEY, username, hashed_password) WITHOUT ROWID");
    db.run("CREATE TABLE room (id TEXT, name, is_private BOOLEAN, owner_id)");
    db.run("CREATE TABLE message (id CHAR(32), text, sender_id, chat_room_id, created_at)");
    db.run("CREATE TABLE room_members (room_id, user_id)");
    db.run(`INSERT INTO user VALUES ('b-1', 'ann', '${HASH}'), ('a-2', 'bob', '${HASH}'), ('c-3', 'cat', '${HASH}')`);
    db.run(
      "INSERT INTO room VALUES ('r-1', 'Hall', 0, 'b-1'), ('r-2', 'Attic', 1, 'b-1'), ('r-2', 'Attic again', 0, null)",
    );
    db.run("INSERT INTO room_members VALUES ('r-2', 'a-2'), ('r-2', 'zz')");
    db.run("INSERT INTO message VALUES ('z', 'one', 'b-1', 'r-2', 1700000000), ('a', 'two', 'b-1', 'r-2', 1700000001)");
    db.run("INSERT INTO message VALUES ('m', 'hello', 'c-3', 'r-1', '2023-11-15'), ('m', 'again', 'c-3', 'r-1', null)");
  });
  const dataDir = emptyFolder();
  for (const _ of ["once", "twice"]) {
    const said = await parlourSays(dataDir, "import", source);
    expect(said).toMatchObject({ code: 0, errors: "" });
    expect(said.out).toContain("3 users, 2 rooms, 3 messages");
    expect(said.out).toContain("2  A row without an id, or with the id of another, is left out.\n           r-2, m");
    expect(said.out).toContain(
      "8  An id that is no whole number from 1 to 2^52 becomes one.\n           user a-2, user b-1, ",
    );
    expect(said.out).toContain("The server has no admin. Make one: parlour admin NAME");
  }
  await using server = await serverOn(dataDir);
  const roomsOf = async (username: string) => {
    const { access_token: token } = await logIn(server.url, { username, password: "the old one" });
    const { items } = (await askApi(server.url, "GET", "/rooms", { token })).body as RoomList;
    const seen: Record<string, string[]> = {};
    for (const { id, name } of items) {
      const page = (await askApi(server.url, "GET", `/rooms/${id}/messages`, { token })).body as MessagePage;
      seen[name] = page.items.map(({ content }) => content);
    }
    return seen;
  };
  expect(await roomsOf("ann")).toEqual({ Hall: ["hello"], Attic: ["one", "two"] });
  expect(await roomsOf("bob")).toEqual({ Hall: ["hello"], Attic: ["one", "two"] });
  expect(await roomsOf("cat")).toEqual({ Hall: ["hello"] });
});

test("a system that names people and rooms in its messages, and has no table of rooms, comes as well", async () => {
  const source = oldDatabase((db) => {
    db.run("CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, hashed_password TEXT)");
    db.run("CREATE TABLE messages (id INTEGER PRIMARY KEY, room TEXT, username TEXT, message TEXT, timestamp REAL)");
    db.run(`INSERT INTO users VALUES (1, 'ann', '${HASH}'), (2, '1', '${HASH}')`);
    db.run(
      "INSERT INTO messages VALUES (1, 'room1', 'ann', 'up?', 1700000000.5), (2, 'room1', '1', 'yes', 1700000001)",
    );
    db.run("INSERT INTO messages VALUES (3, '7', 'ann', 'elsewhere', 1700000002), (4, '7', 'left', 'bye', 1700000003)");
  });
  const dataDir = emptyFolder();
  const said = await parlourSays(dataDir, "import", source);
  expect(said).toMatchObject({ code: 0, errors: "" });
  expect(said.out).toContain("rooms     no table: each room that a message names");
  expect(said.out).toContain("2 users, 2 rooms, 4 messages");
  await using server = await serverOn(dataDir);
  const { access_token: token } = await logIn(server.url, { username: "ann", password: "the old one" });
  const { items } = (await askApi(server.url, "GET", "/rooms", { token })).body as RoomList;
  const talk: Record<string, string[]> = {};
  for (const { id, name, member_count } of items) {
    const page = (await askApi(server.url, "GET", `/rooms/${id}/messages`, { token })).body as MessagePage;
    talk[name] = [`of ${member_count}`, ...page.items.map(({ username, content }) => `${username}: ${content}`)];
  }
  expect(talk).toEqual({
    room1: ["of 2", "ann: up?", "1: yes"],
    "room-7": ["of 1", "ann: elsewhere", "former user: bye"],
  });
});

test("another database in the place of one that was imported is not taken for it", async () => {
  const fill = (name: string) => (db: Database) => {
    db.run("CREATE TABLE users (id INTEGER PRIMARY KEY, username, password)");
    db.run("CREATE TABLE rooms (id INTEGER PRIMARY KEY, name)");
    db.run("CREATE TABLE messages (id INTEGER PRIMARY KEY, content, user_id, room_id)");
    db.query("INSERT INTO users VALUES (1, ?, '')").run(name);
  };
  const source = oldDatabase(fill("ann"));
  const dataDir = emptyFolder();
  expect((await parlourSays(dataDir, "import", source)).code).toBe(0);
  await Bun.write(source, Bun.file(oldDatabase(fill("bob"))));
  const refused = await parlourSays(dataDir, "import", source);
  expect(refused.code).toBe(1);
  expect(refused.errors).toContain("If it is another database, say --as-new.");
  expect((await parlourSays(dataDir, "import", source, "--as-new")).out).toContain("1 users, 0 rooms, 0 messages");
});

test("ids at the end of all numbers become others, and the server counts on", async () => {
  const source = oldDatabase((db) => {
    db.run("CREATE TABLE users (id INTEGER PRIMARY KEY, username, password)");
    db.run("CREATE TABLE rooms (id INTEGER PRIMARY KEY, name)");
    db.run("CREATE TABLE messages (id INTEGER PRIMARY KEY, content, user_id, room_id, timestamp)");
    const last = Number.MAX_SAFE_INTEGER;
    db.run(`INSERT INTO users VALUES (1, 'ann', '${HASH}'), (${last}, 'bob', '${HASH}')`);
    db.run(`INSERT INTO rooms VALUES (1, 'Hall'), (${last}, 'Attic')`);
    db.run(
      `INSERT INTO messages VALUES (${2 ** 52}, 'one', 1, 1, 1700000000), (${last}, 'two', ${last}, ${last}, 1700000001)`,
    );
  });
  const dataDir = emptyFolder();
  for (const _ of ["once", "twice"]) {
    const said = await parlourSays(dataDir, "import", source);
    expect(said).toMatchObject({ code: 0, errors: "" });
    expect(said.out).toContain("Here now: 2 users, 2 rooms, 2 messages");
    expect(said.out).toContain("3  An id that is no whole number from 1 to 2^52 becomes one.");
  }
  await using server = await serverOn(dataDir);
  const { access_token: token } = await logIn(server.url, { username: "bob", password: "the old one" });
  expect((await askApi(server.url, "GET", "/me", { token })).body).toMatchObject({ id: 2 });
  for (const id of [2 ** 52 + 2, 2 ** 52 + 3]) {
    const sent = await askApi(server.url, "POST", "/rooms/2/messages", { token, json: { content: "and on" } });
    expect(sent).toMatchObject({ status: 201, body: { id } });
  }
});

test("a name that two administrators have makes neither of them one here", async () => {
  const source = oldDatabase((db) => {
    db.run("CREATE TABLE users (id INTEGER PRIMARY KEY, username, password, role)");
    db.run("CREATE TABLE messages (id INTEGER PRIMARY KEY, content, user_id, room)");
    db.run(`INSERT INTO users VALUES (1, 'admin', '${HASH}', 'admin'), (2, 'admin', '${HASH}', 'admin')`);
  });
  const said = await parlourSays(emptyFolder(), "import", source, "--admin", "admin");
  expect(said.code).toBe(1);
  expect(said.errors).toContain("--admin admin: 2 administrators of the source have that name.");
});

test("two databases that begin with the same user, the first one without a message, are two", async () => {
  const fill = (second: string, message: string | null) => (db: Database) => {
    db.run("CREATE TABLE users (id INTEGER PRIMARY KEY, username, password)");
    db.run("CREATE TABLE rooms (id INTEGER PRIMARY KEY, name)");
    db.run("CREATE TABLE messages (id INTEGER PRIMARY KEY, content, user_id, room_id)");
    db.run(`INSERT INTO users VALUES (1, 'admin', '${HASH}'), (2, '${second}', '${HASH}')`);
    db.run(`INSERT INTO rooms VALUES (1, 'Room of ${second}')`);
    if (message !== null) db.query("INSERT INTO messages VALUES (1, ?, 2, 1)").run(message);
  };
  const dataDir = emptyFolder();
  const tried = oldDatabase(fill("bob", null));
  expect((await parlourSays(dataDir, "import", tried)).code).toBe(0);
  expect((await parlourSays(dataDir, "import", tried)).out).toContain("what came since is added");
  const meant = await parlourSays(dataDir, "import", oldDatabase(fill("carl", "from carl")));
  expect(meant.out).toContain("The server is in use: what comes gets new ids.");
  await using server = await serverOn(dataDir);
  const { access_token: token } = await logIn(server.url, { username: "carl", password: "the old one" });
  const { items } = (await askApi(server.url, "GET", "/rooms/2/messages", { token })).body as MessagePage;
  expect(items.map(({ username, content }) => [username, content])).toEqual([["carl", "from carl"]]);
});
