import type { Kept } from "#web/session/kept.ts";

/** What is written and not sent, by room and by thread. Kept at each change, so that a closed tab loses nothing. */
export interface Drafts {
  of(roomId: number, thread?: number): string;
  keep(roomId: number, text: string, thread?: number): void;
}

export function openDrafts(kept: Kept, userId: number): Drafts {
  const key = (roomId: number, thread?: number) =>
    `parlour.draft.${userId}.${roomId}${thread === undefined ? "" : `.${thread}`}`;
  const memory = new Map<string, string>();
  return {
    of(roomId, thread) {
      const name = key(roomId, thread);
      return memory.get(name) ?? kept.get(name) ?? "";
    },
    keep(roomId, text, thread) {
      const name = key(roomId, thread);
      memory.set(name, text);
      if (text === "") kept.remove(name);
      else kept.set(name, text);
    },
  };
}
