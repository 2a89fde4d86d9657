import { errors, Refusal } from "#shared/errors.ts";
import type { Clock } from "../clock.ts";
import { NOBODY, type Store } from "../store/store.ts";
import type { Due } from "./send-scheduled.ts";

const LOOK_EVERY = 1_000;

/** Sends scheduled messages when they are due, for as long as the server runs. The answer ends it. */
export function sendDue(store: Store, clock: Clock): () => void {
  let cancel = () => {};
  let stopped = false;
  const look = async () => {
    const due = await store.read("list-due", NOBODY, { now: clock.now() }).catch(() => []);
    await Promise.all(due.map((one) => sendOne(store, one)));
    if (!stopped) cancel = clock.after(LOOK_EVERY, () => void look());
  };
  cancel = clock.after(LOOK_EVERY, () => void look());
  return () => {
    stopped = true;
    cancel();
  };
}

/** What is refused for good is kept as failed; what the store cannot write now is due the next time as well. */
async function sendOne(store: Store, due: Due): Promise<void> {
  try {
    await store.write("send-scheduled", NOBODY, due);
  } catch (error) {
    if (!(error instanceof Refusal) || errors[error.code].retry) return;
    await store.write("fail-scheduled", NOBODY, { ...due, code: error.code }).catch(() => null);
  }
}
