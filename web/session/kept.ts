/** Text that a browser keeps under a key. */
export interface Kept {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(): string[];
}

/** Everything about a person is kept under this, and goes when they log out. */
export const PREFIX = "parlour.";

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
  };
}

export function forgetPerson(kept: Kept): void {
  for (const key of kept.keys()) if (key.startsWith(PREFIX)) kept.remove(key);
}
