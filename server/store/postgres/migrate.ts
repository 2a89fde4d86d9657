import { type Connection, PostgresFault } from "./connection.ts";
import { init } from "./migrations/0001-init.ts";
import { importsAndLinks } from "./migrations/0002-imports-and-links.ts";
import { directTalkAndRoles } from "./migrations/0003-direct-talk-and-roles.ts";
import { peopleAndHouse } from "./migrations/0004-people-and-house.ts";
import { betweenNodes } from "./migrations/0005-between-nodes.ts";
import { changedMessages } from "./migrations/0006-changed-messages.ts";
import { replies } from "./migrations/0007-replies.ts";
import { wordsToErase } from "./migrations/0008-words-to-erase.ts";
import { threads } from "./migrations/0009-threads.ts";
import { keptThings } from "./migrations/0010-kept-things.ts";
import { mentions } from "./migrations/0011-mentions.ts";
import { push } from "./migrations/0012-push.ts";
import { guestsBansAndBlocks } from "./migrations/0013-guests-bans-and-blocks.ts";
import { mail } from "./migrations/0015-mail.ts";
import { namesToFind } from "./migrations/0016-names-to-find.ts";
import { callsInThreads } from "./migrations/0017-calls-in-threads.ts";
import { commits } from "./migrations/0018-commits.ts";
import { laterInThreads } from "./migrations/0019-later-in-threads.ts";
import { happenings } from "./migrations/0020-happenings.ts";
import { nodes } from "./migrations/0021-nodes.ts";
import { told } from "./migrations/0022-told.ts";
import { auditBy } from "./migrations/0023-audit-by.ts";
import { threadLevels } from "./migrations/0024-thread-levels.ts";

interface Migration {
  readonly version: number;
  readonly needs: number;
  readonly sql: string;
  /** See SQLite's. */
  readonly fill?: (connection: Connection) => Promise<void>;
}

const migrations: readonly Migration[] = [
  init,
  importsAndLinks,
  directTalkAndRoles,
  peopleAndHouse,
  betweenNodes,
  changedMessages,
  replies,
  wordsToErase,
  threads,
  keptThings,
  mentions,
  push,
  guestsBansAndBlocks,
  mail,
  namesToFind,
  callsInThreads,
  commits,
  laterInThreads,
  happenings,
  nodes,
  told,
  auditBy,
  threadLevels,
];

/**
 * Brings the schema `parlour` to this program's version and returns the epoch. All of it is one transaction under one
 * lock, so that nodes which start together do it once and nobody sees half of it; the lock ends with the transaction,
 * also behind PgBouncer. Tables outside the schema, another program's perhaps, are not looked at.
 *
 * There is no mark of the highest commit beside the database, as there is beside SQLite's file: it would stand on one
 * node's disk and other nodes commit as well. Whoever puts a database back from an older copy gives it a new epoch by
 * hand; docs/self-hosting.md says how.
 */
export async function migrate(connection: Connection, given: Migrating): Promise<string> {
  const known = migrations.at(-1)?.version ?? 0;
  const before = await found(connection);
  if (before?.version === known && before.epoch !== null) return before.epoch;
  refuseNewer(before?.needs ?? 0, known);
  // Others may be migrating, and a table of millions of rows takes as long as it takes.
  connection.answersWithin = null;
  await whenFree(given, async () => {
    await connection.script(`${beginIn("parlour")}; SET LOCAL lock_timeout = '${STOPS_OTHERS_FOR_MS}'`);
    try {
      const { version, needs } = (await found(connection)) ?? { version: 0, needs: 0 };
      refuseNewer(needs, known);
      await bring(connection, { above: version, upTo: known, now: given.now });
      await connection.query("INSERT INTO house VALUES (1, $1, 1, 0) ON CONFLICT DO NOTHING", [given.newEpoch]);
      await connection.query("COMMIT");
    } catch (error) {
      await connection.query("ROLLBACK").catch(() => connection.kill());
      throw error;
    }
  });
  const after = await found(connection);
  if (!after?.epoch) throw new Error("The database has no house row.");
  return after.epoch;
}

/**
 * A change of a table waits for whoever reads it, a backup perhaps, and everybody else waits behind that. So it waits for
 * a second, lets all go on, and comes again.
 */
async function whenFree({ warn, restMs = RESTS_FOR_MS, triesMost = TRIES_MOST }: Migrating, work: () => Promise<void>) {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const isHeld = error instanceof PostgresFault && /^(55P03|40P01)$/.test(error.state ?? "");
      if (!isHeld || tries >= triesMost) throw error;
      if (tries === 1) {
        warn("The update of the database waits for a backup, or for another node's update, for half an hour at most.");
      }
      await Bun.sleep(restMs * (0.5 + Math.random()));
    }
  }
}

/** Makes the tables in a schema of another name, as they were at a version: a house that is being put together. */
export async function makeTables(connection: Connection, schema: string, now: number, upTo: number): Promise<void> {
  await connection.script(beginIn(schema));
  try {
    const { rows } = await connection.query<{ above: number }>(
      "SELECT coalesce(max(version), 0) AS above FROM schema_versions",
    );
    await bring(connection, { above: rows[0]?.above ?? 0, upTo, now });
    await connection.query("COMMIT");
  } catch (error) {
    await connection.query("ROLLBACK").catch(() => connection.kill());
    throw error;
  }
}

async function bring(
  connection: Connection,
  { above, upTo, now }: { above: number; upTo: number; now: number },
): Promise<void> {
  for (const migration of migrations) {
    if (migration.version <= above || migration.version > upTo) continue;
    await connection.script(migration.sql);
    await migration.fill?.(connection);
    const row = [migration.version, migration.needs, now].map(String);
    await connection.query("INSERT INTO schema_versions VALUES ($1::bigint, $2::bigint, $3::bigint)", row);
  }
}

const STOPS_OTHERS_FOR_MS = 1_000;
const RESTS_FOR_MS = 5_000;
const TRIES_MOST = 300;

/** Any number will do, as long as all nodes of every version take the same. */
const LOCK = 7_264_530_914;
const beginIn = (
  schema: string,
) => `BEGIN; SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = 0; SET LOCAL client_min_messages = warning;
  SELECT pg_advisory_xact_lock(${LOCK}); CREATE SCHEMA IF NOT EXISTS ${schema}; SET LOCAL search_path = ${schema}, pg_temp;
  CREATE TABLE IF NOT EXISTS schema_versions (version bigint PRIMARY KEY, needs bigint NOT NULL, at bigint NOT NULL)`;

export interface Migrating {
  now: number;
  newEpoch: string;
  /** Something that an operator should know, in one line. */
  warn: (line: string) => void;
  restMs?: number;
  triesMost?: number;
}

interface Found {
  version: number;
  needs: number;
  epoch: string | null;
}

/** Null when there is nothing yet. */
async function found(connection: Connection): Promise<Found | null> {
  const there = await connection.query<{ there: boolean }>(
    "SELECT to_regclass('parlour.schema_versions') IS NOT NULL AND to_regclass('parlour.house') IS NOT NULL AS there",
  );
  if (!there.rows[0]?.there) return null;
  const { rows } = await connection.query<Found>(
    `SELECT coalesce(max(version), 0) AS version, coalesce(max(needs), 0) AS needs,
      (SELECT epoch FROM parlour.house WHERE one = 1) AS epoch FROM parlour.schema_versions`,
  );
  return rows[0] ?? null;
}

function refuseNewer(needs: number, known: number): void {
  if (needs <= known) return;
  throw new Error(
    `The database was changed by a newer Parlour: it needs schema ${needs}, and this program knows up to ${known}. Start the newer version, or restore a backup made before it.`,
  );
}
