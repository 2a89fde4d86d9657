import type { Kept } from "../kept.ts";
import type { TabNews, Tabs } from "../tabs.ts";

/** One browser: what its tabs share. */
export class FakeBrowser {
  readonly texts = new Map<string, string>();
  readonly #ears = new Map<object, (news: TabNews) => void>();

  readonly kept: Kept = {
    get: (key) => this.texts.get(key) ?? null,
    set: (key, value) => void this.texts.set(key, value),
    remove: (key) => void this.texts.delete(key),
    keys: () => [...this.texts.keys()],
  };

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
