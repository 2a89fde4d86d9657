import type { Kept } from "#web/session/kept.ts";

/** What is written and not sent, by room. Kept at each change, so that a closed tab loses nothing. */
export interface Drafts {
  of(roomId: number): string;
  keep(roomId: number, text: string): void;
}

export function openDrafts(kept: Kept, userId: number): Drafts {
  const key = (roomId: number) => `parlour.draft.${userId}.${roomId}`;
  const memory = new Map<number, string>();
  return {
    of(roomId) {
      return memory.get(roomId) ?? kept.get(key(roomId)) ?? "";
    },
    keep(roomId, text) {
      memory.set(roomId, text);
      if (text === "") kept.remove(key(roomId));
      else kept.set(key(roomId), text);
    },
  };
}
