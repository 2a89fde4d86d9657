import { errors, Refusal } from "#shared/errors.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { NOBODY, type Store } from "../store/store.ts";
import type { Due } from "./send-scheduled.ts";

const LOOK_EVERY = 1_000;
const LONGEST_PAUSE = 60_000;
/** What fails for no reason that has a name is tried so often, and then kept as failed. */
const MOST_TRIES = 8;
const MOST_PAUSED = 500;

interface Paused {
  tries: number;
  until: number;
}

/** Sends scheduled messages when they are due, for as long as the server runs. The answer ends it. */
export function sendDue(store: Pick<Store, "read" | "write">, clock: Clock, log: Log): () => void {
  let cancel = () => {};
  let stopped = false;
  let unread = 0;
  const paused = new Map<number, Paused>();
  const look = async () => {
    const now = clock.now();
    const except = [...paused].filter(([, { until }]) => until > now).map(([id]) => id);
    try {
      const due = await store.read("list-due", NOBODY, { now, except });
      unread = 0;
      await Promise.all(due.map((one) => sendOne(one)));
    } catch (error) {
      unread += 1;
      log.warn("what is to be sent now is not known", { why: codeOf(error) });
    }
    if (!stopped) cancel = clock.after(pauseAfter(unread), () => void look());
  };
  const sendOne = async (due: Due) => {
    try {
      await store.write("send-scheduled", NOBODY, due);
      paused.delete(due.id);
    } catch (error) {
      const isSettled = await settle(due, error).catch(() => false);
      if (isSettled) paused.delete(due.id);
    }
  };
  /** What is refused for good is kept as failed; what the store cannot write now is due a little later as well. */
  const settle = async (due: Due, error: unknown): Promise<boolean> => {
    const code = error instanceof Refusal ? error.code : "internal";
    const tries = (paused.get(due.id)?.tries ?? 0) + 1;
    if (code === "internal") log.error("a scheduled message was not sent", { id: due.id, tries, why: codeOf(error) });
    pause(due.id, { tries, until: clock.now() + pauseAfter(tries) });
    if (errors[code].retry && (code !== "internal" || tries < MOST_TRIES)) return false;
    await store.write("fail-scheduled", NOBODY, { ...due, code });
    return true;
  };
  const pause = (id: number, how: Paused) => {
    paused.delete(id);
    paused.set(id, how);
    const [longest] = paused.keys();
    if (longest !== undefined && paused.size > MOST_PAUSED) paused.delete(longest);
  };
  cancel = clock.after(LOOK_EVERY, () => void look());
  return () => {
    stopped = true;
    cancel();
  };
}

function pauseAfter(faults: number): number {
  return Math.min(LOOK_EVERY * 2 ** Math.min(faults, 10), LONGEST_PAUSE);
}

function codeOf(error: unknown): string {
  if (error instanceof Refusal) return error.code;
  return error instanceof Error ? error.name : "unknown";
}
