import type { WebSession } from "#shared/contract/accounts.ts";

/** What the tabs of one browser tell each other. */
export type TabNews = { type: "session"; session: WebSession } | { type: "out"; why: "left" | "ended" };

export interface Tabs {
  tell(news: TabNews): void;
  hear(listener: (news: TabNews) => void): void;
}

export function browserTabs(): Tabs {
  if (typeof BroadcastChannel === "undefined") return { tell() {}, hear() {} };
  const channel = new BroadcastChannel("parlour");
  return {
    tell: (news) => channel.postMessage(news),
    hear: (listener) => {
      channel.onmessage = (event: MessageEvent<TabNews>) => listener(event.data);
    },
  };
}
