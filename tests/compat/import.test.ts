import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { RoomList } from "#shared/contract/rooms.ts";
import type { Account, MessagePage } from "#shared/models.ts";
import { askApi, logIn } from "#tests/api/ask.ts";
import { emptyFolder, parlourSays, startParlour } from "#tests/support/run-parlour.ts";
import { startTestServer } from "#tests/support/start-server.ts";
import { oldDatabase, oldPostgres, type Spelling } from "./old-database.ts";

const COLUMNS: Record<Spelling, { messages: string; users: string; rooms: string; name: string; text: string }> = {
  plural: {
    messages: "SELECT room_id AS room, user_id AS user, timestamp AS time, content AS text FROM messages",
    users: "users",
    rooms: "chat_rooms",
    name: "username",
    text: "content",
  },
  singular: {
    messages: "SELECT chat_room_id AS room, sender_id AS user, sent_at AS time, text FROM message",
    users: "user",
    rooms: "room",
    name: "username",
    text: "text",
  },
};

const LONG = 120_000;

test.each([
  ["plural", "a file"],
  ["singular", "a file"],
  ["plural", "PostgreSQL"],
  ["singular", "PostgreSQL"],
] as const)(
  "a whole database of the %s spelling in %s comes with one command, and everybody logs in as before",
  async (spelling, where) => {
    const file = await oldDatabase(spelling);
    const source = where === "a file" ? file : await oldPostgres(spelling);
    const dataDir = emptyFolder();

    const said = await parlourSays(dataDir, "import", source, "--admin", "admin");
    expect(said.errors).toBe("");
    expect(said.code).toBe(0);
    expect(said.out).toContain("Here now: 1,000 users, 50 rooms, 100,000 messages");

    await using server = await serverOn(dataDir);
    const { access_token: token } = await logIn(server.url, { username: "admin", password: "usual password 1" });
    const me = (await askApi(server.url, "GET", "/me", { token })).body as Account;
    expect(me).toMatchObject({
      id: 1,
      role: "admin",
      email: "user1@example.org",
      created_at: "2023-03-01T08:31:00.000Z",
    });
    expect(await talkOf(server.url, token)).toEqual(talkIn(file, spelling));

    // user3 was an administrator there and was not named; the two others are a usual hash and a cheap one that many share.
    for (const [username, password, id] of [
      ["user2", "usual password 2", 2],
      ["user3", "shared password 3", 3],
      ["user999", "shared password 19", 999],
    ] as const) {
      const session = await logIn(server.url, { username, password });
      const account = (await askApi(server.url, "GET", "/me", { token: session.access_token })).body;
      expect(account).toMatchObject({ id, username, role: "user" });
      await logIn(server.url, { username, password }); // by the hash that the first login put in place of the old one
      expect(
        (await askApi(server.url, "POST", "/token", { json: { username, password: `${password}x` } })).status,
      ).toBe(401);
    }
    const upgraded = new Database(join(dataDir, "parlour.db"), { readonly: true });
    expect(
      upgraded.query("SELECT substr(password_hash, 1, 9) AS kind FROM users WHERE id IN (1, 2, 3, 999)").all(),
    ).toEqual(Array.from({ length: 4 }, () => ({ kind: "$argon2id" })));
    upgraded.close();
  },
  LONG,
);

test(
  "a dry run writes nothing, a second run changes nothing, and a killed one goes on where it was",
  async () => {
    const source = await oldDatabase("plural");
    const whole = emptyFolder();
    rmSync(whole, { recursive: true });
    const dry = await parlourSays(whole, "import", source, "--dry-run");
    expect(dry.out).toContain("This was a dry run: nothing was written.");
    expect(dry.out).toContain("parlour admin NAME");
    expect(await Bun.file(join(whole, "parlour.db")).exists()).toBe(false);

    expect((await parlourSays(whole, "import", source)).code).toBe(0);
    const first = contents(whole);
    expect(first).toMatchObject({ users: 1_000, rooms: 50, messages: 100_000, holes: 0, unread: 0 });
    const second = await parlourSays(whole, "import", source);
    expect(second.out).toContain("Here now: 1,000 users, 50 rooms, 100,000 messages");
    expect(contents(whole)).toEqual(first);

    const killed = emptyFolder();
    let kills = 0;
    for (const moment of [1, 30_000, 70_000]) {
      const run = startParlour(killed, "import", source);
      if (await storedAtLeast(killed, moment, run)) kills += 1;
      run.kill("SIGKILL");
      await run.exited;
    }
    expect(kills).toBeGreaterThan(0);
    const rest = await parlourSays(killed, "import", source);
    expect(rest.errors).toBe("");
    expect(rest.out).toContain("Here now: 1,000 users, 50 rooms, 100,000 messages");
    expect(rest.out).toContain("did not end: it goes on");
    expect(contents(killed)).toEqual(first);
  },
  LONG,
);

test(
  "a server in use gets a source's people, rooms and messages under new ids, each once, and what came since later",
  async () => {
    const source = await oldDatabase("singular", [30, 4, 2_000]);
    const other = join(emptyFolder(), "chat_app.db");
    await Bun.write(other, Bun.file(await oldDatabase("plural", [30, 4, 2_000])));
    const dataDir = emptyFolder();
    expect((await parlourSays(dataDir, "import", source, "--admin", "user3")).code).toBe(0);
    const said = await parlourSays(dataDir, "import", other);
    expect(said.out).toContain("what comes gets new ids");
    expect(said.out).toContain('"user2" → user2-2');
    expect(said.out).toContain('"Room 01" → Room 01-2');
    expect(contents(dataDir)).toMatchObject({ users: 60, rooms: 8, messages: 4_000 });

    const db = new Database(other);
    db.run("INSERT INTO users (id, username, hashed_password) VALUES (77, 'late', '!')");
    db.run(
      "INSERT INTO messages (content, user_id, room_id, timestamp) VALUES ('and one more', 77, 2, '2025-01-01 10:00:00.5')",
    );
    db.close();
    const later = await parlourSays(dataDir, "import", other);
    expect(later.out).toContain("what came since is added");
    // They are history as well: nobody who had read the room has unread in it now.
    expect(contents(dataDir)).toMatchObject({ users: 61, rooms: 8, messages: 4_001, unread: 0 });

    await using server = await serverOn(dataDir);
    const { access_token: token } = await logIn(server.url, { username: "user2-2", password: "usual password 2" });
    const { items } = (await askApi(server.url, "GET", "/rooms", { token })).body as RoomList;
    const room = items.find(({ name }) => name === "Room 02-2");
    const page = (await askApi(server.url, "GET", `/rooms/${room?.id}/messages?limit=1`, { token }))
      .body as MessagePage;
    expect(page.items).toMatchObject([
      { content: "and one more", username: "late", timestamp: "2025-01-01T10:00:00.500Z" },
    ]);
  },
  LONG,
);

test("while the server runs, an import says who holds the data and changes nothing", async () => {
  const source = await oldDatabase("plural", [2, 1, 2]);
  await using server = await startTestServer({ DATABASE_URL: "" });
  const said = await parlourSays(server.dataDir, "import", source);
  expect(said.code).toBe(1);
  expect(said.errors).toContain("is in use by a Parlour server on port");
});

const serverOn = (dataDir: string) =>
  startTestServer({ RATE_LIMITS: "off", DATA_DIR: dataDir, DATABASE_URL: `sqlite:///${dataDir}/parlour.db` });

/** A number for each room and a hash over what was said, as Parlour itself answers. */
async function talkOf(url: string, token: string): Promise<object> {
  const names = new Map<number, string>();
  for (let cursor = ""; ; ) {
    const page = (await askApi(url, "GET", `/users?limit=100${cursor}`, { token })).body as {
      items: { id: number; username: string }[];
      next: string | null;
    };
    for (const { id, username } of page.items) names.set(id, username);
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  const { items: rooms } = (await askApi(url, "GET", "/rooms?limit=100", { token })).body as RoomList;
  const talk: Record<string, { count: number; hash: string }> = {};
  for (const room of rooms) {
    const hash = new Bun.CryptoHasher("sha256");
    let count = 0;
    for (let after: number | null = 0; after !== null; ) {
      const path: string = `/rooms/${room.id}/messages?after=${after}&limit=100`;
      const page = (await askApi(url, "GET", path, { token })).body as MessagePage;
      for (const { user_id, username, timestamp, content } of page.items) {
        expect(names.get(user_id)).toBe(username);
        hash.update(`${room.name}\n${username}\n${timestamp}\n${content}\n`);
        count += 1;
      }
      after = page.after;
    }
    talk[room.name] = { count, hash: hash.digest("hex") };
  }
  return { users: names.size, talk };
}

/** The same of the source, read beside any of Parlour's own code. */
function talkIn(path: string, spelling: Spelling): object {
  const db = new Database(path, { readonly: true });
  const { users, rooms, name, messages } = COLUMNS[spelling];
  const rows = db
    .query<{ room: string; user: string; time: string; text: string }, []>(
      `SELECT r.name AS room, u.${name} AS user, m.time, m.text FROM (${messages} ORDER BY id) m
         JOIN ${rooms} r ON r.id = m.room JOIN ${users} u ON u.id = m.user`,
    )
    .all();
  const talk: Record<string, { count: number; hash: string }> = {};
  for (const [room, said] of Map.groupBy(rows, (row) => row.room)) {
    const hash = new Bun.CryptoHasher("sha256");
    for (const { user, time, text } of said) {
      // SQLAlchemy writes microseconds and no zone; it is UTC.
      const timestamp = `${time.replace(" ", "T").slice(0, 23)}Z`;
      hash.update(`${room}\n${user}\n${timestamp}\n${text}\n`);
    }
    talk[room] = { count: said.length, hash: hash.digest("hex") };
  }
  const count = db.query<{ count: number }, []>(`SELECT count(*) AS count FROM ${users}`).get()?.count;
  db.close();
  return { users: count, talk };
}

/** All that a data folder holds of people, rooms and talk. */
function contents(dataDir: string): object {
  const db = new Database(join(dataDir, "parlour.db"), { readonly: true });
  const count = (table: string) => db.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n;
  const hash = new Bun.CryptoHasher("sha256");
  for (const query of [
    "SELECT id, username, username_key, email, password_hash, role FROM users ORDER BY id",
    "SELECT id, name, description, created_by, seq, n, member_count FROM rooms ORDER BY id",
    "SELECT room_id, user_id, role, state, joined_seq, read_seq, read_n FROM members ORDER BY room_id, user_id",
    "SELECT id, room_id, seq, n, changed, user_id, content, created_at FROM messages ORDER BY id",
    "SELECT room_id, seq, kind, subject, actor FROM log ORDER BY room_id, seq",
  ]) {
    hash.update(JSON.stringify(db.query(query).values()));
  }
  const one = (query: string) => db.query<{ n: number }, []>(query).get()?.n;
  // A log without holes ends at its length; who came with the rooms has read all of them.
  const holes = one(`SELECT count(*) AS n FROM rooms r WHERE r.seq <> (SELECT count(*) FROM log WHERE room_id = r.id)
    OR r.seq <> (SELECT max(seq) FROM log WHERE room_id = r.id) OR r.n <> (SELECT max(n) FROM messages WHERE room_id = r.id)
    OR r.n <> (SELECT count(DISTINCT n) FROM messages WHERE room_id = r.id)
    OR r.member_count <> (SELECT count(*) FROM members WHERE room_id = r.id)`);
  const unread = one("SELECT count(*) AS n FROM members m JOIN rooms r ON r.id = m.room_id WHERE m.read_n <> r.n");
  const found = {
    holes,
    unread,
    users: count("users"),
    rooms: count("rooms"),
    messages: count("messages"),
    hash: hash.digest("hex"),
  };
  db.close();
  return found;
}

/** Waits until so many messages are stored; false when the run ended before that. */
async function storedAtLeast(dataDir: string, least: number, run: Bun.Subprocess): Promise<boolean> {
  while (run.exitCode === null) {
    if (messagesIn(dataDir) >= least) return true;
    await Bun.sleep(2);
  }
  return false;
}

function messagesIn(dataDir: string): number {
  try {
    const db = new Database(join(dataDir, "parlour.db"), { readonly: true });
    const found = db.query<{ n: number }, []>("SELECT count(*) AS n FROM messages").get()?.n ?? 0;
    db.close();
    return found;
  } catch {
    return 0; // not made yet
  }
}
