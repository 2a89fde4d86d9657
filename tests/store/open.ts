import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#server/clock.ts";
import { parseConfig } from "#server/config.ts";
import type { SendOutcome, StoredSend } from "#server/messages/send-message.ts";
import { openStore } from "#server/store/open-store.ts";
import { NOBODY, type Store } from "#server/store/store.ts";
import type { Tell } from "#server/store/tell.ts";
import { testPostgres } from "#tests/support/postgres.ts";

export type Kind = "sqlite" | "postgres";

export interface Opened extends AsyncDisposable {
  readonly store: Store;
  /** All that was told, in its order; messages as they are told, too. */
  readonly told: (Tell | { to: "message"; roomId: number; sent: StoredSend; content: string })[];
  send(roomId: number, userId: number, nonce: string | null, content: string): Promise<SendOutcome>;
}

/** For one connection, past the store. */
export function addressIn(url: string) {
  const { database } = parseConfig({ DATABASE_URL: url });
  if (database.kind !== "postgres") throw new Error("The database is PostgreSQL.");
  return database.address;
}

/** A store with nothing in it. */
export async function openEmpty(kind: Kind): Promise<Opened> {
  if (kind === "postgres") return openAt(await (await testPostgres()).createDatabase());
  const folder = mkdtempSync(join(tmpdir(), "parlour-store-"));
  return opened(`sqlite:///${join(folder, "parlour.db")}`, folder, () => rmSync(folder, { recursive: true }));
}

/** One of several on the same database, as nodes are. */
export function openAt(url: string): Promise<Opened> {
  return opened(url, tmpdir(), () => {});
}

async function opened(url: string, dataDir: string, remove: () => void): Promise<Opened> {
  const store = await openStore({
    database: parseConfig({ DATABASE_URL: url }).database,
    dataDir,
    nonceKey: new Uint8Array(32),
    newEpoch: crypto.randomUUID(),
    clock: systemClock,
    died: (why) => {
      throw new Error(why);
    },
    warn: () => {},
  });
  const told: Opened["told"] = [];
  store.onTell((tell) => told.push(tell));
  return {
    store,
    told,
    send: (roomId, userId, nonce, content) =>
      new Promise((answer) => {
        store.send(roomId, userId, nonce === null ? null : JSON.stringify(nonce), JSON.stringify(content), {
          answer,
          tell: (sent) => told.push({ to: "message", roomId, sent, content }),
        });
      }),
    async [Symbol.asyncDispose]() {
      await store.close();
      remove();
    },
  };
}

let names = 0;

export async function account(store: Store): Promise<number> {
  names += 1;
  const made = { username: `person ${names}`, email: null, passwordHash: "none", role: "user" as const };
  return (await store.write("sign-up", NOBODY, { ...made, setting: "open", byUserId: null })).id;
}

/** A room with these in it; the first one made it. */
export async function room(store: Store, userIds: readonly number[], kind: "public" | "private" = "public") {
  names += 1;
  const [maker = 0, ...others] = userIds;
  const { id } = await store.write(
    "create-room",
    { userId: maker },
    { name: `room ${names}`, kind, setting: "everyone" },
  );
  await store.write("add-members", { userId: maker }, { roomId: id, userIds: others });
  return id;
}

/** Every event of a room, by seq. */
export async function logOf(store: Store, userId: number, roomId: number) {
  const events = [];
  for (let after = 0; ; ) {
    const page = await store.read("page", { userId }, { roomId, place: { from: "after", seq: after }, limit: 100 });
    events.push(...page.items);
    if (page.after === null) return events;
    after = page.after;
  }
}
