import type { Kept } from "../kept.ts";
import type { TabNews, Tabs } from "../tabs.ts";

/** One browser: what its tabs share. */
export class FakeBrowser {
  readonly texts = new Map<string, string>();
  readonly #ears = new Map<object, (news: TabNews) => void>();

  readonly #listeners = new Map<object, (key: string) => void>();
  readonly kept = this.open();

  /** What one tab sees of what is kept. */
  open(): Kept {
    const self = {};
    const tell = (key: string) => {
      for (const [tab, listener] of this.#listeners) if (tab !== self) listener(key);
    };
    return {
      get: (key) => this.texts.get(key) ?? null,
      set: (key, value) => {
        this.texts.set(key, value);
        tell(key);
      },
      remove: (key) => {
        if (this.texts.delete(key)) tell(key);
      },
      keys: () => [...this.texts.keys()],
      hear: (listener) => {
        this.#listeners.set(self, listener);
        return () => void this.#listeners.delete(self);
      },
    };
  }

  tab(): Tabs {
    const self = {};
    return {
      tell: (news) => {
        for (const [tab, hear] of this.#ears) if (tab !== self) hear(news);
      },
      hear: (listener) => void this.#ears.set(self, listener),
    };
  }
}
