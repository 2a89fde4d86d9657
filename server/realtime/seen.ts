import type { Seen } from "#shared/contract/people.ts";
import type { Hub } from "./hub.ts";

/** `attentive`: somebody who did something within a minute sees for themselves what is new. */
export type SeenNow = Seen | "attentive";

const ATTENTIVE_FOR = 60_000;
const ONLINE_FOR = 5 * 60_000;
const RANK: Readonly<Record<SeenNow, number>> = { away: 1, online: 2, attentive: 3 };

/** Who of these has a socket of this process, and when they did something at it: sent, wrote, or pressed a key or a button. */
export function seenHere(hub: Hub, userIds: Iterable<number>, now: number): Map<number, SeenNow> {
  const found = new Map<number, SeenNow>();
  for (const userId of userIds) {
    for (const listener of hub.of(userId)) seeing(found, userId, asOf(now - listener.actedAt));
  }
  return found;
}

/** Of several sockets and nodes the one counts by which the person was seen last. */
export function seeing(found: Map<number, SeenNow>, userId: number, seen: SeenNow): void {
  const known = found.get(userId);
  if (known === undefined || RANK[seen] > RANK[known]) found.set(userId, seen);
}

/** Those who see for themselves what is new. */
export function attentiveAmong(seen: ReadonlyMap<number, SeenNow>): Set<number> {
  return new Set([...seen].filter(([, each]) => each === "attentive").map(([userId]) => userId));
}

function asOf(silentFor: number): SeenNow {
  if (silentFor < ATTENTIVE_FOR) return "attentive";
  return silentFor < ONLINE_FOR ? "online" : "away";
}
