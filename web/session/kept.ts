/** Text that a browser keeps under a key. */
export interface Kept {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(): string[];
  /** What other tabs set and remove. The answer ends it. */
  hear(listener: (key: string) => void): () => void;
}

/** Everything about a person is kept under this, and goes when they log out. */
const PREFIX = "parlour.";

/** localStorage, or memory where the browser forbids it or it is full. */
export function keptInBrowser(): Kept {
  const memory = new Map<string, string>();
  return {
    get(key) {
      try {
        return localStorage.getItem(key) ?? memory.get(key) ?? null;
      } catch {
        return memory.get(key) ?? null;
      }
    },
    set(key, value) {
      try {
        localStorage.setItem(key, value);
        memory.delete(key);
      } catch {
        memory.set(key, value);
      }
    },
    remove(key) {
      memory.delete(key);
      try {
        localStorage.removeItem(key);
      } catch {
        // Nothing was kept there.
      }
    },
    keys() {
      try {
        return [...memory.keys(), ...Object.keys(localStorage)];
      } catch {
        return [...memory.keys()];
      }
    },
    hear(listener) {
      const heard = ({ key }: StorageEvent) => {
        if (key !== null) listener(key);
      };
      window.addEventListener("storage", heard);
      return () => window.removeEventListener("storage", heard);
    },
  };
}

/** What somebody wrote that the server does not have. */
export const unsentOf = (userId: number) => `${PREFIX}queue.${userId}.`;
export const draftsOf = (userId: number) => `${PREFIX}draft.${userId}.`;
const UNSENT = [`${PREFIX}queue.`, `${PREFIX}draft.`];

/** They logged out. */
export function forgetPerson(kept: Kept): void {
  forget(kept, () => true);
}

/** The server ended their session: when they are back, they find what they wrote. */
export function forgetSession(kept: Kept): void {
  forget(kept, (key) => !UNSENT.some((prefix) => key.startsWith(prefix)));
}

/** Somebody is here who may not see what others wrote. */
export function forgetOthers(kept: Kept, userId: number): void {
  const own = [unsentOf(userId), draftsOf(userId)];
  forget(
    kept,
    (key) => UNSENT.some((prefix) => key.startsWith(prefix)) && !own.some((prefix) => key.startsWith(prefix)),
  );
}

function forget(kept: Kept, isToGo: (key: string) => boolean): void {
  for (const key of kept.keys()) if (key.startsWith(PREFIX) && isToGo(key)) kept.remove(key);
}
