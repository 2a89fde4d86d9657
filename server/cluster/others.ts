import type { Clock } from "../clock.ts";
import { NOBODY, type Store } from "../store/store.ts";

const BEAT_EVERY = 3_000;

const UNHEARD =
  "Another server runs on this database, and the two do not hear each other at once: what is said on one comes to the other within two seconds, and who is here and who is typing not at all. Give both the same NATS_URL, or stop one of them.";

/**
 * Looks for others on the same database with whom there is no bus. They are no danger, because each heals; whoever started
 * a second one by mistake or left NATS_URL out should know it.
 */
export function lookForOthers(
  { store, clock, warn }: { store: Store; clock: Clock; warn: (line: string) => void },
  me: { node: string; bus: 0 | 1 },
): () => void {
  const before = new Map<string, number>();
  let isWarned = false;
  let isEnded = false;
  let cancel = () => {};
  const look = async () => {
    const others = await store.write("beat", NOBODY, me).catch(() => []);
    // One that was killed leaves its last word behind.
    const living = others.filter(({ node, at }) => before.has(node) && before.get(node) !== at);
    for (const { node, at } of others) before.set(node, at);
    const isUnheard = living.some(({ bus }) => me.bus === 0 || bus === 0);
    if (isUnheard && !isWarned) warn(UNHEARD);
    isWarned = isUnheard;
    if (!isEnded) cancel = clock.after(BEAT_EVERY, () => void look());
  };
  void look();
  return () => {
    isEnded = true;
    cancel();
  };
}
