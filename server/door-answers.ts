import type { Config } from "./config.ts";
import { describe } from "./moving/open-record.ts";
import type { DoorAsked } from "./operator-door.ts";
import type { PausingStore } from "./store/pausing-store.ts";
import { NOBODY, type Store } from "./store/store.ts";

/** What a running server does for whoever owns its data folder. */
export function doorAnswers({ database }: Config, store: Store & PausingStore, url: string) {
  return async (asked: DoorAsked): Promise<unknown> => {
    switch (asked.ask) {
      case "make-password-link": {
        const { name, makesAdmin, tokenHash } = asked;
        return { ...(await store.write("make-password-link", NOBODY, { name, makesAdmin, tokenHash })), url };
      }
      case "pause-writes":
        // Only what stands where the tool reads: another server's people need not wait for it.
        if (asked.place !== describe(database)) return { isHere: false };
        return { isHere: true, ...(await store.pause(asked.pause, asked.forMs)) };
      case "pause-for-good":
        return store.pauseForGood(asked.pause);
      case "resume-writes":
        return store.resume(asked.pause);
      default:
        return asked satisfies never;
    }
  };
}
