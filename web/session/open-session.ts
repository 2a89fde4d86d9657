import { systemClock } from "#client/clock.ts";
import { makeNonce, systemRandom } from "#client/nonce.ts";
import { forgetPush } from "#web/push/closed-browser.ts";
import { BrowserSession } from "./browser-session.ts";
import { type Kept, keptInBrowser } from "./kept.ts";
import { oneTabAtATime } from "./one-at-a-time.ts";
import { browserTabs } from "./tabs.ts";

export const kept: Kept = keptInBrowser();

/** The session of this tab, made of what the browser has. */
export function openSession(): BrowserSession {
  const randomText = () => makeNonce(Date.now(), systemRandom);
  const session = new BrowserSession({
    base: location.origin,
    fetch: (url, init) => fetch(url, init),
    clock: systemClock,
    kept,
    tabs: browserTabs(),
    oneAtATime: oneTabAtATime(kept, systemClock, randomText),
    randomText,
  });
  // However it ended, and in whichever tab.
  session.subscribe(() => {
    if (session.state.status === "out") forgetPush().catch(() => {});
  });
  return session;
}
