import { createHmac } from "node:crypto";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config.ts";
import { writeFlushed } from "./backup-folder.ts";

/** Null where no server has run yet. */
export function secretHere({ secretKey, dataDir }: Config): string | null {
  if (secretKey !== null) return secretKey;
  const path = join(dataDir, "secret");
  return existsSync(path) ? readFileSync(path, "utf8").trim() : null;
}

export function printOfSecret(secret: string): string {
  return createHmac("sha256", secret).update("which secret a backup was made under").digest("hex").slice(0, 16);
}

/** Sessions and nonces that were stored are good for the secret they were made under. The other one is kept. */
export function putSecretBack(config: Config, secret: string): void {
  const path = join(config.dataDir, "secret");
  if (existsSync(path) && readFileSync(path, "utf8").trim() === secret) return;
  if (existsSync(path)) renameSync(path, `${path}.replaced`);
  writeFlushed(path, secret);
}
