import type { Clock } from "../clock.ts";
import { askServer } from "../operator-door.ts";

/** The server that runs on the place that is copied from, held still. */
export interface HeldServer {
  /** Throws when people could write meanwhile. */
  check(): void;
  pauseForGood(): Promise<void>;
  resume(): Promise<void>;
}

const RENEWED_EVERY = 3_000;
const ENDS_AFTER = 15_000;

/** Null when no server runs on `place` with this data folder. */
export async function holdServer(dataDir: string, place: string, clock: Clock): Promise<HeldServer | null> {
  const pause = crypto.randomUUID();
  const ask = async () =>
    (await askServer(dataDir, { ask: "pause-writes", pause, place, forMs: ENDS_AFTER })) as {
      isHere: boolean;
      isNew: boolean;
    } | null;
  const first = await ask();
  if (first === null || !first.isHere) return null;
  let fault: Error | null = null;
  let cancel = () => {};
  const again = () => {
    cancel = clock.after(RENEWED_EVERY, () => {
      ask().then(
        (answer) => {
          if (answer?.isNew === false) return again();
          fault = new Error("The server went on writing meanwhile. Nothing was moved; run it again.");
        },
        (error: Error) => (fault = error),
      );
    });
  };
  again();
  return {
    check() {
      if (fault !== null) throw fault;
    },
    async pauseForGood() {
      cancel();
      await askServer(dataDir, { ask: "pause-for-good", pause });
    },
    async resume() {
      cancel();
      await askServer(dataDir, { ask: "resume-writes", pause });
    },
  };
}
