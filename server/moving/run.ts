import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Out } from "../import/import.ts";
import { UsageFault } from "../usage-fault.ts";
import { readMovingWords } from "./arguments.ts";
import { backUp } from "./backup.ts";
import { copyHouse } from "./copy.ts";
import { restore } from "./restore.ts";

/** `parlour backup`, `parlour restore` and `parlour db copy`. */
export async function runMoving(settings: () => Config, words: readonly string[], out: Out): Promise<void> {
  const asked = readMovingWords(words);
  if ("fault" in asked) throw new UsageFault(asked.fault);
  const config = settings();
  switch (asked.verb) {
    case "backup":
      return backUp(config, asked, { now: systemClock.now, out });
    case "restore": {
      const newEpoch = Buffer.from(crypto.getRandomValues(new Uint8Array(9))).toString("base64url");
      return restore(config, asked, { clock: systemClock, out, newEpoch });
    }
    case "copy":
      return copyHouse(config, asked, { clock: systemClock, out });
    default:
      asked satisfies never;
  }
}
