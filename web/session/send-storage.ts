import type { SendEars, SendStorage, StoredSend } from "#client/chat.ts";
import { type Clock, Timer } from "#client/clock.ts";
import { type Kept, unsentOf } from "./kept.ts";
import type { OneAtATime } from "./one-at-a-time.ts";

export interface SendStorageParts {
  readonly kept: Kept;
  readonly clock: Clock;
  readonly oneAtATime: OneAtATime;
  readonly randomText: () => string;
  /** The page goes away, or comes back from where the browser keeps pages. The answer ends it. */
  readonly onPage: (happens: "pagehide" | "pageshow", run: () => void) => () => void;
  readonly isLookedAt: () => boolean;
}

/** A tab that is not looked at may run its timers once a minute. */
const BEAT = 20_000;
const LEASE_FOR = 90_000;
const TAB = "parlour.tab.";

/**
 * Keeps what one person has not yet got an answer for, so that a reload loses nothing. Each send stands under its own
 * key and names its tab. Tabs hold leases: what a tab leaves behind is taken over by one that lives. Where two take a
 * send for theirs after all, the server stores it once, by its nonce.
 */
export function sendStorage(parts: SendStorageParts, userId: number): SendStorage {
  const { kept, clock } = parts;
  const prefix = unsentOf(userId);
  const tab = parts.randomText();
  const held = new Set<string>();
  return {
    watch(hear) {
      const timer = new Timer(clock);
      let isOver = false;
      const beat = () => {
        kept.set(TAB + tab, String(clock.now() + LEASE_FOR));
        timer.set(BEAT, beat);
        for (const key of kept.keys()) if (key.startsWith(TAB) && !isAlive(key.slice(TAB.length))) kept.remove(key);
        for (const nonce of held) look(nonce, hear);
        adopt();
      };
      const leave = () => {
        timer.clear();
        kept.remove(TAB + tab);
      };
      const adopt = () => {
        if (orphans().length === 0) return;
        parts
          .oneAtATime(async () => {
            if (isOver) return;
            const found = orphans();
            for (const send of found) keep(send);
            hear.yours(found);
          })
          .catch(() => {});
      };
      const ends = [
        parts.onPage("pagehide", leave),
        parts.onPage("pageshow", beat),
        kept.hear((key) => {
          if (key.startsWith(prefix)) look(key.slice(prefix.length), hear);
          // Most likely that tab is reloaded, and is itself looked at in a moment. Here without a line it would only wait.
          else if (key.startsWith(TAB) && parts.isLookedAt() && hear.isUp()) adopt();
        }),
      ];
      beat();
      return () => {
        isOver = true;
        for (const end of ends) end();
        leave();
      };
    },
    keep,
    drop(nonce) {
      held.delete(nonce);
      kept.remove(prefix + nonce);
    },
  };

  function keep(send: StoredSend): void {
    held.add(send.nonce);
    kept.set(prefix + send.nonce, JSON.stringify({ ...send, tab }));
  }

  /** Whether one of this tab's own still is. */
  function look(nonce: string, hear: SendEars): void {
    if (!held.has(nonce) || read(prefix + nonce)?.tab === tab) return;
    held.delete(nonce);
    hear.gone(nonce);
  }

  function orphans(): StoredSend[] {
    const found = kept.keys().flatMap((key) => (key.startsWith(prefix) ? (read(key) ?? []) : []));
    return found.filter((send) => send.tab !== tab && !isAlive(send.tab)).map(({ tab: _, ...send }) => send);
  }

  function isAlive(other: string): boolean {
    const until = Number(kept.get(TAB + other) ?? 0);
    // A lease that ends too far ahead was written before the clock was set back.
    return until > clock.now() && until <= clock.now() + LEASE_FOR;
  }

  function read(key: string): (StoredSend & { tab: string }) | null {
    try {
      const item: unknown = JSON.parse(kept.get(key) ?? "null");
      return isStoredSend(item) ? item : null;
    } catch {
      return null;
    }
  }
}

function isStoredSend(item: unknown): item is StoredSend & { tab: string } {
  if (typeof item !== "object" || item === null) return false;
  const { nonce, room_id, content, at, failed, tab } = item as Record<string, unknown>;
  return (
    typeof nonce === "string" &&
    typeof room_id === "number" &&
    typeof content === "string" &&
    typeof at === "number" &&
    typeof tab === "string" &&
    (failed === null || typeof failed === "object")
  );
}
