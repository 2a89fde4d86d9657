import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { ownFolders } from "../data-folder.ts";
import type { Out } from "../import/import.ts";
import { createProgress } from "../import/progress.ts";
import { number } from "../import/rules.ts";
import { SCHEMA } from "../store/sqlite/migrate.ts";
import { type Manifest, readManifest, rowsIn, textIn } from "./backup-folder.ts";
import { describe, makeRecord } from "./open-record.ts";
import type { NewRecord } from "./record.ts";
import { printOfSecret, putSecretBack, secretHere } from "./secret.ts";
import { isSame, printOf } from "./table-print.ts";

/**
 * `parlour restore FROM`: puts a backup in place, of either database into either. What is there from then on is another
 * history than the one that clients know, though it begins like it: a new epoch makes each of them begin anew.
 */
export async function restore(
  config: Config,
  { from, replace }: { from: string; replace: boolean },
  { clock, out, newEpoch }: { clock: Clock; out: Out; newEpoch: string },
): Promise<void> {
  const folder = resolve(from);
  const manifest = readManifest(folder);
  if (manifest.schema > SCHEMA) {
    throw new Error(
      `The backup ${folder} needs schema ${manifest.schema}, and this program knows up to ${SCHEMA}. Restore it with Parlour ${manifest.parlour} or newer.`,
    );
  }
  const letGo = ownFolders(config, clock, "parlour restore");
  try {
    const cure = "To put the backup in its place: --replace. What is there now is kept beside it.";
    const record = await makeRecord(config, config.database, {
      now: clock.now(),
      schema: manifest.schema,
      replaces: replace ? true : { cure },
      goesOn: false,
    });
    try {
      await verify(folder, manifest, out);
      await fillFrom(folder, manifest, record, out);
      await record.atOnce(async () => void (await record.sql.run("UPDATE house SET epoch = ?", newEpoch)));
      await record.finish();
    } catch (error) {
      await record.close();
      throw error;
    }
    restoreSecret(config, folder, manifest, out);
  } finally {
    letGo();
  }
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  out.write(
    `${describe(config.database)} is as it was at ${manifest.madeAt}: ${number(rows)} rows, each table's hash the same.\n`,
  );
  out.write("It has a new epoch: every client begins anew, and what it had not sent yet is sent.\n");
}

async function verify(folder: string, manifest: Manifest, out: Out): Promise<void> {
  const progress = createProgress(out);
  for (const [at, table] of manifest.tables.entries()) {
    const hash = new Bun.CryptoHasher("sha256");
    try {
      for await (const bytes of textIn(folder, table)) hash.update(bytes);
    } catch {
      throw damaged(folder, table.name);
    }
    if (hash.digest("hex") !== table.sha256) throw damaged(folder, table.name);
    progress.at("tables", at + 1, manifest.tables.length);
  }
  if (manifest.secret === "inside" && printOfSecret(secretIn(folder)) !== manifest.secretPrint) {
    throw damaged(folder, "secret");
  }
  progress.end();
}

function damaged(folder: string, name: string): Error {
  return new Error(`The backup ${folder} is damaged: ${name} is not what was written. Nothing was changed.`);
}

async function fillFrom(folder: string, manifest: Manifest, record: NewRecord, out: Out): Promise<void> {
  const progress = createProgress(out);
  const all = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  let done = 0;
  for (const table of manifest.tables) {
    for await (const rows of rowsIn(folder, table)) {
      await record.atOnce(() => record.insert(table, rows));
      done += rows.length;
      progress.at("rows", done, all);
    }
  }
  let seen = 0;
  await record.atOnce(async () => {
    for (const table of manifest.tables) {
      const print = await printOf(record.sql, table, (rows) => {
        seen += rows;
        progress.at("compared", seen, all);
      });
      if (!isSame(print, table))
        throw new Error(`${table.name} is not the same after it was restored. Nothing was put in place.`);
    }
  });
  progress.end();
}

function restoreSecret(config: Config, folder: string, manifest: Manifest, out: Out): void {
  if (config.secretKey === null && manifest.secret === "inside") return putSecretBack(config, secretIn(folder));
  const here = secretHere(config) ?? "";
  if (printOfSecret(here) === manifest.secretPrint) return;
  out.write("It was made under another SECRET_KEY than is set here: with this one everybody has to log in again.\n");
}

function secretIn(folder: string): string {
  const path = join(folder, "secret");
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
