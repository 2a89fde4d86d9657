import { Chat, type ChatOptions, type SendEars, type SendStorage, type StoredSend } from "../chat.ts";
import type { Random } from "../nonce.ts";
import { tokenSession } from "../session.ts";
import type { FakeClock } from "./clock.ts";
import type { FakeServer } from "./server.ts";

/** What a browser with one tab keeps over a reload. */
export class FakeStorage implements SendStorage {
  items: readonly StoredSend[] = [];
  #ears: SendEars | null = null;

  watch(hear: SendEars): () => void {
    this.#ears = hear;
    hear.yours(this.items);
    return () => {};
  }

  keep(send: StoredSend): void {
    this.items = [...this.items.filter(({ nonce }) => nonce !== send.nonce), structuredClone(send)];
  }

  drop(nonce: string): void {
    this.items = this.items.filter((item) => item.nonce !== nonce);
  }

  /** Another tab throws it away. */
  takeAway(nonce: string): void {
    this.drop(nonce);
    this.#ears?.gone(nonce);
  }

  /** Another tab closed and left these. */
  leave(...sends: StoredSend[]): void {
    this.#ears?.yours(sends);
  }
}

/** User 1 of the fake server. */
export function fakeChat(server: FakeServer, clock: FakeClock, more: Partial<ChatOptions> = {}): Chat {
  const { fetch } = server;
  const base = "http://parlour.test";
  const random = fakeRandom(1);
  const from = { username: "ann", password: "secret-word" };
  return new Chat({
    base,
    session: tokenSession({ base, fetch, clock, random, from }),
    openSocket: server.network.openSocket,
    fetch,
    clock,
    random,
    queue: new FakeStorage(),
    ...more,
  });
}

/** The same bytes for the same seed. */
export function fakeRandom(seed: number): Random {
  let state = seed;
  return (bytes) =>
    Uint8Array.from({ length: bytes }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
}
