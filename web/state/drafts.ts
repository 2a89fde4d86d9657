import type { DraftStorage } from "#client/drafts.ts";
import { draftsOf, type Kept } from "#web/session/kept.ts";

/** What the server has not acknowledged is kept at each change, so that a closed tab loses nothing. */
export function draftStorage(kept: Kept, userId: number): DraftStorage {
  const prefix = draftsOf(userId);
  return {
    load() {
      return kept.keys().flatMap((name): [string, string][] => {
        const place = name.startsWith(prefix) ? name.slice(prefix.length) : "";
        const text = /^\d+(\.\d+)?$/.test(place) ? kept.get(name) : null;
        return text === null ? [] : [[place, text]];
      });
    },
    save(place, text) {
      if (text === null) kept.remove(prefix + place);
      else kept.set(prefix + place, text);
    },
  };
}
