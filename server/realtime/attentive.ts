import type { Hub } from "./hub.ts";

/** Somebody who did something within so long sees for themselves what is new. */
const FOR = 60_000;

/** Who of these did something by a socket of this process a moment ago: sent, read, opened a room or wrote in one. */
export function attentiveHere(hub: Hub, userIds: readonly number[], now: number): Set<number> {
  return new Set(userIds.filter((userId) => isAttentive(hub, userId, now)));
}

function isAttentive(hub: Hub, userId: number, now: number): boolean {
  for (const listener of hub.of(userId)) if (listener.actedAt > now - FOR) return true;
  return false;
}
