import type { Database } from "bun:sqlite";
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
  /** Fills, for rows that are there, what SQL alone cannot work out. */
  readonly fill?: (db: Database) => void;
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
/** The schema of this program, the same version for both databases. */
export const SCHEMA = migrations.at(-1)?.version ?? 0;

/**
 * Brings the database to this program's schema, each migration in a transaction of its own. Migrations add first and
 * remove a version later, so the program before still runs; `needs` says from when on it does not. What comes from an older
 * program's backup is put into tables of that time first: `upTo` is the last migration then.
 */
export function migrate(db: Database, path: string, now: number, upTo = SCHEMA): void {
  db.run(
    "CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY, needs INTEGER NOT NULL, at INTEGER NOT NULL)",
  );
  const found = db
    .query<{ version: number | null; needs: number | null }, []>(
      "SELECT max(version) AS version, max(needs) AS needs FROM schema_versions",
    )
    .get();
  if ((found?.needs ?? 0) > SCHEMA) {
    throw new Error(
      `The database ${path} was changed by a newer Parlour: it needs schema ${found?.needs}, and this program knows up to ${SCHEMA}. Start the newer version, or restore a backup made before it.`,
    );
  }
  for (const migration of migrations) {
    if (migration.version <= (found?.version ?? 0) || migration.version > upTo) continue;
    db.transaction(() => {
      db.run(migration.sql);
      migration.fill?.(db);
      db.run("INSERT INTO schema_versions VALUES (?, ?, ?)", [migration.version, migration.needs, now]);
    }).immediate();
  }
}

/** Asked before anything else: a file of another program is left as it is. */
export function refuseForeign(db: Database, path: string): void {
  const tables = db
    .query<{ name: string }, []>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map((row) => row.name);
  if (tables.length === 0 || tables.includes("schema_versions")) return;
  throw new Error(
    `The database ${path} belongs to another program (it has the tables ${tables.slice(0, 4).join(", ")}). Name another file in DATABASE_URL, and bring its contents in with \`parlour import\`.`,
  );
}
