import type { Clock } from "#client/clock.ts";
import type { Kept } from "./kept.ts";

/** Runs the work while no other tab of this browser runs its own. */
export type OneAtATime = <Result>(work: () => Promise<Result>) => Promise<Result>;

const LEASE_FOR = 10_000;
const SETTLE = 30;
const LOOK_AGAIN = 100;

/** Web Locks exist on https and localhost only; elsewhere a lease in localStorage has to do. */
export function oneTabAtATime(name: string, kept: Kept, clock: Clock, randomText: () => string): OneAtATime {
  if (typeof navigator !== "undefined" && "locks" in navigator) {
    return async (work) => await navigator.locks.request(name, work);
  }
  return byLease(name, kept, clock, randomText, onPageHide);
}

function onPageHide(run: () => void): () => void {
  window.addEventListener("pagehide", run);
  return () => window.removeEventListener("pagehide", run);
}

/**
 * A page that is reloaded in the middle of its work gives the lease back as it goes, or it would wait for itself.
 * Two tabs may both get the lease when they write at the same moment on different processes: the server forgives that
 * for a refresh, and a lease that a closed tab left behind ends by itself.
 */
export function byLease(
  name: string,
  kept: Kept,
  clock: Clock,
  randomText: () => string,
  onLeave: (run: () => void) => () => void,
): OneAtATime {
  const pause = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  return async (work) => {
    const owner = randomText();
    const giveBack = () => {
      if (kept.get(name)?.startsWith(`${owner} `)) kept.remove(name);
    };
    const stay = onLeave(giveBack);
    try {
      while (!(await taken(owner))) await pause(LOOK_AGAIN);
      return await work();
    } finally {
      stay();
      giveBack();
    }
  };

  async function taken(owner: string): Promise<boolean> {
    const until = Number(kept.get(name)?.split(" ")[1] ?? 0);
    // A lease that ends too far ahead was written before the clock was set back.
    if (until > clock.now() && until <= clock.now() + LEASE_FOR) return false;
    kept.set(name, `${owner} ${clock.now() + LEASE_FOR}`);
    await pause(SETTLE);
    return kept.get(name)?.startsWith(`${owner} `) ?? false;
  }
}
