import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Config } from "../config.ts";
import type { Out } from "../import/import.ts";
import { createProgress } from "../import/progress.ts";
import { number } from "../import/rules.ts";
import { version } from "../version.ts";
import { flush, makeFolder, TableWriter, writeFlushed, writeManifest } from "./backup-folder.ts";
import { describe, openSnapshot } from "./open-record.ts";
import { countAll, pagesOf, type Snapshot, standingOf } from "./record.ts";
import { printOfSecret, secretHere } from "./secret.ts";
import { Printing, type TablePrint } from "./table-print.ts";
import type { Table } from "./tables.ts";

/** `parlour backup TO`: a folder with everything, as it stood at one moment, while the server runs or not. */
export async function backUp(
  config: Config,
  { to, force }: { to: string; force: boolean },
  { now, out }: { now: () => number; out: Out },
): Promise<void> {
  const folder = resolve(to);
  refuseTaken(folder, force);
  giveWay();
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  const began = now();
  const snapshot = await openSnapshot(config.database);
  try {
    const { schema, epoch } = await standingOf(snapshot);
    makeFolder(part);
    const tables = await writeTables(snapshot, part, out);
    const secret = secretHere(config) ?? "";
    const isInside = config.secretKey === null && secret !== "";
    if (isInside) writeFlushed(join(part, "secret"), secret);
    writeManifest(part, {
      format: 1,
      parlour: version,
      schema,
      epoch,
      madeAt: new Date(began).toISOString(),
      from: describe(config.database),
      secret: isInside ? "inside" : "SECRET_KEY",
      secretPrint: printOfSecret(secret),
      tables,
    });
  } finally {
    await snapshot.close();
  }
  putInPlace(part, folder);
  const took = ((now() - began) / 1_000).toFixed(1);
  out.write(
    `${folder}: all that stood at ${new Date(began).toISOString()}, ${number(sizeOf(folder))} bytes, in ${took} s.\n`,
  );
  out.write(
    config.secretKey === null
      ? "It holds the secret: whoever has it can read everything and sign in as anybody.\n"
      : "It does not hold SECRET_KEY: keep that elsewhere. Whoever has the backup can read everything.\n",
  );
}

/** Whoever talks comes first where there are few cores. */
function giveWay(): void {
  try {
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {
    // A container may forbid it; then it takes its share.
  }
}

function refuseTaken(folder: string, force: boolean): void {
  if (!existsSync(folder)) return;
  const isBackup = existsSync(join(folder, "manifest.json"));
  if (!isBackup && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0)) {
    throw new Error(`${folder} is there and is no backup. It is left as it is: name another place.`);
  }
  if (isBackup && !force) throw new Error(`There is a backup in ${folder}. To put this one in its place: --force.`);
}

async function writeTables(snapshot: Snapshot, part: string, out: Out): Promise<(Table & TablePrint)[]> {
  const tables = await snapshot.tables();
  const progress = createProgress(out);
  const all = await countAll(snapshot.sql, tables);
  const written: (Table & TablePrint)[] = [];
  let done = 0;
  for (const table of tables) {
    const printing = new Printing();
    const writer = new TableWriter(part, table);
    for await (const rows of pagesOf(snapshot.sql, table)) {
      await writer.write(printing.add(rows));
      done += rows.length;
      progress.at("rows", done, all);
    }
    await writer.end();
    written.push({ ...table, ...printing.end() });
  }
  progress.end();
  return written;
}

/** Under its name there is a whole backup, the one before or this one, even after a power cut. */
function putInPlace(part: string, folder: string): void {
  flush(join(part, "tables"));
  flush(part);
  const before = `${folder}.before`;
  rmSync(before, { recursive: true, force: true });
  if (existsSync(folder)) renameSync(folder, before);
  renameSync(part, folder);
  flush(dirname(folder));
  rmSync(before, { recursive: true, force: true });
}

function sizeOf(folder: string): number {
  let size = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    size += statSync(join(folder, name)).size;
  }
  return size;
}
