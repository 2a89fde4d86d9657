import type { SendStorage, StoredSend } from "#client/chat.ts";
import type { Kept } from "./kept.ts";

/** Keeps what one person has not yet got an answer for, so that a reload loses nothing. */
export function sendStorage(kept: Kept, userId: number): SendStorage {
  const key = `parlour.queue.${userId}`;
  return {
    load() {
      try {
        const items: unknown = JSON.parse(kept.get(key) ?? "[]");
        return Array.isArray(items) ? items.filter(isStoredSend) : [];
      } catch {
        return [];
      }
    },
    save(items) {
      if (items.length === 0) kept.remove(key);
      else kept.set(key, JSON.stringify(items));
    },
  };
}

function isStoredSend(item: unknown): item is StoredSend {
  if (typeof item !== "object" || item === null) return false;
  const { nonce, room_id, content, at, failed } = item as Record<string, unknown>;
  return (
    typeof nonce === "string" &&
    typeof room_id === "number" &&
    typeof content === "string" &&
    typeof at === "number" &&
    (failed === null || typeof failed === "object")
  );
}
