import type { Clock } from "../clock.ts";

const LOOK_EVERY = 1_000;
const WAVE = 500;

/**
 * Thousands of hellos at once leave more garbage than live memory behind, and a server that then stands idle allocates
 * too little for the collector to come by itself. One second after such a wave it is called: an idle socket then costs
 * half. While sockets come and go steadily nothing is done. The answer ends it.
 */
export function collectAfterWaves(clock: Clock, count: () => number, collect: () => void): () => void {
  let cancel = () => {};
  let seen = 0;
  let settled = 0;
  const look = () => {
    const now = count();
    if (now === seen && Math.abs(now - settled) >= WAVE) {
      settled = now;
      collect();
    }
    seen = now;
    cancel = clock.after(LOOK_EVERY, look);
  };
  cancel = clock.after(LOOK_EVERY, look);
  return () => cancel();
}
