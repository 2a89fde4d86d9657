import type { Clock } from "../clock.ts";
import { NOBODY, type Store } from "../store/store.ts";

const REST = 100;
const LOOK_AGAIN = 30_000;

/**
 * Lifts bans whose time is over, forgets invites that ended long ago, and erases what deleted rooms held and the words of
 * people who were erased with them, a little at a time, for as long as the server runs. The answer ends it.
 */
export function sweepErased(store: Store, clock: Clock): () => void {
  let cancel = () => {};
  let stopped = false;
  const again = (ms: number) => {
    if (!stopped) cancel = clock.after(ms, sweep);
  };
  const sweep = () => {
    const parts = ["sweep-deleted", "sweep-words", "lift-bans", "sweep-invites"] as const;
    Promise.all(parts.map((part) => store.write(part, NOBODY))).then(
      (swept) => again(swept.some(({ more }) => more) ? REST : LOOK_AGAIN),
      () => again(LOOK_AGAIN),
    );
  };
  again(LOOK_AGAIN);
  return () => {
    stopped = true;
    cancel();
  };
}
