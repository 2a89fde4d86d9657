import { limits } from "#shared/limits.ts";
import type { Signed } from "../auth/sessions.ts";
import type { Hub } from "../realtime/hub.ts";
import type { Remembered } from "../realtime/tell.ts";
import type { HeldNow } from "../store/held.ts";

const DAY = 86_400_000;

export interface SessionsParts {
  readonly hub: Hub;
  readonly remembered: Remembered & { keepOnly(confirmed: Iterable<Signed>, at: number): void };
}

/** The sessions of the sockets here. What ended one is heard of by the bus, and by asking. */
export class HeldSessions {
  readonly #parts: SessionsParts;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
  }

  get ids(): string[] {
    const ids = new Set<string>();
    for (const listener of this.#parts.hub.everyone()) ids.add(listener.sessionId);
    return [...ids];
  }

  usedSince(now: number): number {
    return Math.floor(now - limits.sessionIdleDays * DAY);
  }

  heal(asked: readonly string[], found: HeldNow["sessions"], at: number): void {
    const { hub, remembered } = this.#parts;
    const standing = new Map(found.map((row) => [row.id, row]));
    const ended = new Set(asked.filter((id) => !standing.has(id)));
    for (const listener of [...hub.everyone()]) {
      if (ended.has(listener.sessionId)) listener.end("unauthorized", "This session has ended.");
      const name = standing.get(listener.sessionId)?.username;
      if (name === undefined || name === listener.username) continue;
      listener.renamed(name);
      remembered.renamed(listener.userId, name);
    }
    for (const id of ended) remembered.forget(id);
    remembered.keepOnly(found.map(signedOf), at);
  }
}

function signedOf(row: HeldNow["sessions"][number]): Signed {
  const { id: sessionId, user_id: userId, username, role, created_at: createdAt } = row;
  return { sessionId, userId, username, role, createdAt };
}
