import type { SendStorage } from "#client/chat.ts";
import { systemClock } from "#client/clock.ts";
import { makeNonce, systemRandom } from "#client/nonce.ts";
import { forgetPush } from "#web/push/closed-browser.ts";
import { BrowserSession } from "./browser-session.ts";
import { type Kept, keptInBrowser } from "./kept.ts";
import { oneTabAtATime } from "./one-at-a-time.ts";
import { sendStorage } from "./send-storage.ts";
import { browserTabs } from "./tabs.ts";

export const kept: Kept = keptInBrowser();

const randomText = () => makeNonce(Date.now(), systemRandom);

/** What is kept of a person's sends in this browser. */
export function openSends(userId: number): SendStorage {
  return sendStorage(
    {
      kept,
      clock: systemClock,
      oneAtATime: oneTabAtATime("parlour.sending", kept, systemClock, randomText),
      randomText,
      onPage(happens, run) {
        window.addEventListener(happens, run);
        return () => window.removeEventListener(happens, run);
      },
      isLookedAt: () => document.visibilityState === "visible",
    },
    userId,
  );
}

/** The session of this tab, made of what the browser has. */
export function openSession(): BrowserSession {
  const session = new BrowserSession({
    base: location.origin,
    fetch: (url, init) => fetch(url, init),
    clock: systemClock,
    kept,
    tabs: browserTabs(),
    oneAtATime: oneTabAtATime("parlour.refresh", kept, systemClock, randomText),
    randomText,
  });
  // However it ended, and in whichever tab.
  session.subscribe(() => {
    if (session.state.status === "out") forgetPush().catch(() => {});
  });
  return session;
}
