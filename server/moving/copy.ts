import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../clock.ts";
import type { Config, DatabasePlace } from "../config.ts";
import type { Out } from "../import/import.ts";
import { createProgress, type Progress } from "../import/progress.ts";
import { number } from "../import/rules.ts";
import { noteOfMove } from "../store/open-store.ts";
import { SCHEMA } from "../store/sqlite/migrate.ts";
import { ownFolder } from "../store/sqlite/owner.ts";
import { writeFlushed } from "./backup-folder.ts";
import { fill } from "./fill.ts";
import { type Held, holdPostgres } from "./hold-postgres.ts";
import { holdServer } from "./hold-server.ts";
import { describe, makeRecord, openSnapshot, placeFrom } from "./open-record.ts";
import { countAll, type NewRecord, type Snapshot, standingOf, UnknownEnd } from "./record.ts";
import { isSame, printOf, type TablePrint } from "./table-print.ts";
import type { Table } from "./tables.ts";

/**
 * `parlour db copy`: moves a house from one database to the other. Its epoch and every seq stay, so clients go on where
 * they were; for that nobody may write to the old place meanwhile, nor afterwards.
 */
export async function copyHouse(
  config: Config,
  asked: { from: string | null; to: string },
  { clock, out }: { clock: Clock; out: Out },
): Promise<void> {
  const from = asked.from === null ? config.database : placeFrom(asked.from);
  const to = placeFrom(asked.to);
  if (from.kind === "sqlite" && to.kind === "sqlite") {
    throw new Error("From one file to another: stop the server and move the file, or take a backup and restore it.");
  }
  const cure = "Move it away, or name another place.";
  const goal = await makeRecord(config, to, { now: clock.now(), schema: SCHEMA, replaces: { cure }, goesOn: true });
  try {
    const still = await holdStill(config, from, describe(to), clock);
    const since = clock.now();
    out.write("Nothing can be written from here on; reading goes on.\n");
    try {
      const prints = await copyTables(from, goal, out);
      still.check();
      try {
        // In this order: whenever it ends, there is one place at most that takes writes.
        await still.close();
        await goal.finish();
      } catch (error) {
        if (!(error instanceof UnknownEnd)) await still.open();
        throw error;
      }
      still.end();
      sayPrints(prints, out);
      const took = ((clock.now() - since) / 1_000).toFixed(1);
      out.write(`\nMoved to ${describe(to)} in ${took} s, equal in every table.\n${whatNow(from)}`);
    } catch (error) {
      if (error instanceof UnknownEnd) {
        still.end();
        throw error;
      }
      const took = ((clock.now() - since) / 1_000).toFixed(1);
      await still.release();
      out.write(`Writing goes on after ${took} s. The same words go on with what is copied.\n`);
      throw error;
    }
  } catch (error) {
    await goal.close();
    throw error;
  }
}

interface Still {
  check(): void;
  /** Nobody can write there from here on, whatever becomes of this process. Throws when people could write meanwhile. */
  close(): Promise<void>;
  open(): Promise<void>;
  /** What is closed stays so. */
  end(): void;
  release(): Promise<void>;
}

/** No server and no tool writes to the place any more, wherever it runs. */
async function holdStill(config: Config, from: DatabasePlace, to: string, clock: Clock): Promise<Still> {
  const server = await holdServer(config.dataDir, describe(from), clock);
  try {
    const held =
      from.kind === "sqlite" ? holdFile(from.path, to, server !== null, clock) : await holdPostgres(from.address, to);
    return {
      check: () => server?.check(),
      async close() {
        await held.close();
        await server?.pauseForGood();
      },
      open: () => held.open(),
      end: () => held.end(),
      async release() {
        held.end();
        await server?.resume();
      },
    };
  } catch (error) {
    await server?.resume();
    throw error;
  }
}

/** A server that holds still owns the folder; without one this process does. */
function holdFile(path: string, to: string, isServerStill: boolean, clock: Clock): Held {
  const note = noteOfMove(path);
  const before = existsSync(note) ? readFileSync(note, "utf8").trim() : to;
  if (before !== to)
    throw new Error(`What is in ${path} was moved to ${before} already. To take that back remove ${note}.`);
  const holder = { pid: process.pid, since: new Date(clock.now()).toISOString(), what: "parlour db copy" };
  const end = isServerStill ? () => {} : ownFolder(dirname(path), holder);
  return {
    close: async () => writeFlushed(note, `${to}\n`),
    open: async () => rmSync(note, { force: true }),
    end,
  };
}

async function copyTables(from: DatabasePlace, goal: NewRecord, out: Out): Promise<[Table, TablePrint][]> {
  const source = await openSnapshot(from);
  try {
    const { schema } = await standingOf(source);
    if (schema !== SCHEMA) {
      throw new Error(
        `${source.place} has schema ${schema}, this program ${SCHEMA}: start this program on it once first.`,
      );
    }
    const tables = await source.tables();
    const progress = createProgress(out);
    const all = await countAll(source.sql, tables);
    let done = 0;
    await fill(source, goal, tables, (rows) => {
      done += rows;
      progress.at("rows", done, all);
    });
    const prints = await compare(source, goal, tables, all, progress);
    progress.end();
    return prints;
  } finally {
    await source.close();
  }
}

async function compare(
  source: Snapshot,
  goal: NewRecord,
  tables: readonly Table[],
  all: number,
  progress: Progress,
): Promise<[Table, TablePrint][]> {
  const prints: [Table, TablePrint][] = [];
  let seen = 0;
  const saw = (rows: number) => {
    seen += rows;
    progress.at("compared", seen, all * 2);
  };
  await goal.atOnce(async () => {
    for (const table of tables) {
      const [old, made] = await Promise.all([printOf(source.sql, table, saw), printOf(goal.sql, table, saw)]);
      if (!isSame(old, made)) throw new Error(`${table.name} is not the same after it was copied. Nothing was moved.`);
      prints.push([table, made]);
    }
  });
  return prints;
}

function sayPrints(prints: readonly [Table, TablePrint][], out: Out): void {
  for (const [{ name }, { rows, sha256 }] of prints) {
    out.write(`${name.padEnd(16)} ${number(rows).padStart(12)} rows  ${sha256}\n`);
  }
}

function whatNow(from: DatabasePlace): string {
  const back =
    from.kind === "sqlite" ? `remove ${noteOfMove(from.path)}` : "run DROP FUNCTION parlour.moved() CASCADE there";
  return `The old place stays as it is and takes no more writes. Set DATABASE_URL to the new one and start again.
To stay with the old one instead, ${back}, and never start on the copy.
`;
}
