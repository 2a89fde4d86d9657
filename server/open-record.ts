import { deriveKeys } from "./auth/keys.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { keptSecret, ownFolders } from "./data-folder.ts";
import { openStore } from "./store/open-store.ts";
import type { Store } from "./store/store.ts";

/** Opens what a server keeps for a tool that runs instead of it, and lets go of it when the work is done. */
export type OpenRecord = (config: Config, what: string, work: (store: Store) => Promise<void>) => Promise<void>;

export function recordOpener(died: (why: string) => void, clock: Clock = systemClock): OpenRecord {
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  return async (config, what, work) => {
    const letGo = ownFolders(config, clock, what);
    try {
      const store = await openStore({
        database: config.database,
        dataDir: config.dataDir,
        nonceKey: deriveKeys(config.secretKey ?? keptSecret(config.dataDir, random)).nonces,
        newEpoch: Buffer.from(random(9)).toString("base64url"),
        clock,
        died,
        warn: (line) => void process.stderr.write(`${line}\n`),
      });
      await work(store).finally(() => store.close());
    } finally {
      letGo();
    }
  };
}
