import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { ownFolder } from "./store/sqlite/owner.ts";

/** Makes this process the one owner of its folders, or says who is. The answer lets go of them. */
export function ownFolders(config: Config, clock: Clock, what = `a Parlour server on port ${config.port}`): () => void {
  const { dataDir, database } = config;
  const folders = [...new Set(database.kind === "sqlite" ? [dataDir, dirname(database.path)] : [dataDir])];
  const holder = {
    pid: process.pid,
    since: new Date(clock.now()).toISOString(),
    what,
  };
  const owned: (() => void)[] = [];
  const letGo = () => {
    for (const each of owned) each();
  };
  try {
    for (const folder of folders) {
      make(folder);
      owned.push(ownFolder(folder, holder));
    }
  } catch (error) {
    letGo();
    throw error;
  }
  return letGo;
}

function make(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    throw new Error(
      `The data folder ${folder} cannot be made. Give this user the right to, or choose another DATA_DIR.`,
    );
  }
}

const SECRET_LEAST = 32;

/** Made at the first start. Whoever has it can sign in as anybody, so only the owner of the folder may read it. */
export function keptSecret(dataDir: string, random: (bytes: number) => Uint8Array): string {
  const path = join(dataDir, "secret");
  if (!existsSync(path)) write(path, Buffer.from(random(48)).toString("base64url"));
  const secret = readFileSync(path, "utf8").trim();
  if (secret.length >= SECRET_LEAST) return secret;
  // Keys from an empty secret are keys that everybody can make.
  throw new Error(
    `The secret in ${path} was cut short. Put it back from a backup, or delete it: then everybody logs in again.`,
  );
}

/** Under its name there is the whole of it or nothing, even after a power cut. */
function write(path: string, text: string): void {
  const file = openSync(`${path}.new`, "w", 0o600);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.new`, path);
}
