import { Chat } from "#client/chat.ts";
import { systemClock } from "#client/clock.ts";
import { systemRandom } from "#client/nonce.ts";
import { browserSocket } from "#client/socket.ts";
import type { Account } from "#shared/models.ts";
import { type BrowserSession, forgetWhoLeft } from "#web/session/browser-session.ts";
import type { Kept } from "#web/session/kept.ts";
import { openSends } from "#web/session/open-session.ts";
import { passOnActs } from "./act-signals.ts";
import { draftStorage } from "./drafts.ts";
import type { House } from "./house.ts";
import { passOnWakeSignals } from "./wake-signals.ts";

/** The chat of one person in this tab, running, and what ends it. */
export function openChat(session: BrowserSession, kept: Kept, user: Account): { house: House; close: () => void } {
  const chat = new Chat({
    base: location.origin,
    session,
    openSocket: browserSocket,
    fetch: (url, init) => fetch(url, init),
    clock: systemClock,
    random: systemRandom,
    queue: openSends(user.id),
    drafts: draftStorage(kept, user.id),
  });
  const unhear = chat.subscribe(() => {
    if (chat.line.state === "signed-out") session.ended();
  });
  const unwatch = passOnWakeSignals(chat);
  const unheed = passOnActs(chat);
  chat.start();
  return {
    house: { chat, session, user, edits: new Map() },
    close() {
      unwatch();
      unheed();
      unhear();
      chat.stop();
      // What the chat still wrote on its way out goes too.
      if (session.state.status === "out") forgetWhoLeft(kept, session.state.why);
    },
  };
}
