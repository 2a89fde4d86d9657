import { Chat, type ChatOptions, type StoredSend } from "../chat.ts";
import type { Random } from "../nonce.ts";
import { tokenSession } from "../session.ts";
import type { FakeClock } from "./clock.ts";
import type { FakeServer } from "./server.ts";

/** What a browser keeps over a reload. */
export class FakeStorage {
  items: readonly StoredSend[] = [];
  load = (): StoredSend[] => [...this.items];
  save = (items: readonly StoredSend[]): void => {
    this.items = structuredClone(items);
  };
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
