import type { Chat } from "#client/chat.ts";
import type { DraftStorage } from "#client/drafts.ts";
import { draftsOf, type Kept } from "#web/session/kept.ts";

/** What is written and not sent: in a room it follows the person to their other devices, in a thread it stays here. */
export interface Drafts {
  of(roomId: number, thread?: number): string;
  keep(roomId: number, text: string, thread?: number): void;
}

export function openDrafts(chat: Chat, kept: Kept, userId: number): Drafts {
  const key = (roomId: number, thread: number) => `${draftsOf(userId)}${roomId}.${thread}`;
  const memory = new Map<string, string>();
  return {
    of(roomId, thread) {
      if (thread === undefined) return chat.draft(roomId);
      const name = key(roomId, thread);
      return memory.get(name) ?? kept.get(name) ?? "";
    },
    keep(roomId, text, thread) {
      if (thread === undefined) return chat.writeDraft(roomId, text);
      const name = key(roomId, thread);
      memory.set(name, text);
      if (text === "") kept.remove(name);
      else kept.set(name, text);
    },
  };
}

/** What the server has not acknowledged is kept at each change, so that a closed tab loses nothing. */
export function draftStorage(kept: Kept, userId: number): DraftStorage {
  const prefix = draftsOf(userId);
  return {
    load() {
      return kept.keys().flatMap((name): [number, string][] => {
        const room = name.startsWith(prefix) ? name.slice(prefix.length) : "";
        const text = /^\d+$/.test(room) ? kept.get(name) : null;
        return text === null ? [] : [[Number(room), text]];
      });
    },
    save(roomId, text) {
      if (text === null) kept.remove(prefix + roomId);
      else kept.set(prefix + roomId, text);
    },
  };
}
