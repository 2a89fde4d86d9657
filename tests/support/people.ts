import { type Api, createApi } from "#client/api.ts";
import { Chat, type SendStorage, type StoredSend } from "#client/chat.ts";
import { systemClock } from "#client/clock.ts";
import { systemRandom } from "#client/nonce.ts";
import { type Session, tokenSession } from "#client/session.ts";
import { browserSocket } from "#client/socket.ts";
import type { Account } from "#shared/models.ts";

export interface Person {
  readonly id: number;
  readonly username: string;
  readonly password: string;
  readonly session: Session;
  readonly api: Api;
  token(): Promise<string>;
  /** A device of theirs: the real client, not started yet. */
  device(): Chat;
}

/** Makes an account and logs it in. The first one on a server is its admin. */
export async function person(base: string, username: string): Promise<Person> {
  const password = `${username}'s long password`;
  const answer = await fetch(`${base}/api/v1/signup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
  if (answer.status !== 201) throw new Error(`${username} could not sign up: ${await answer.text()}`);
  const account = (await answer.json()) as Account;
  return loggedIn(base, { id: account.id, username, password });
}

/** Somebody who has an account, by a session of their own. */
export function loggedIn(base: string, who: Pick<Person, "id" | "username" | "password">): Person {
  const { username, password } = who;
  const caller = { base, fetch, clock: systemClock };
  const session = tokenSession({ ...caller, random: systemRandom, from: { username, password } });
  return {
    ...who,
    session,
    api: createApi({ ...caller, session }),
    token: () => session.accessToken(),
    device: () =>
      new Chat({
        base,
        session,
        openSocket: browserSocket,
        fetch,
        clock: systemClock,
        random: systemRandom,
        queue: memoryQueue(),
      }),
  };
}

/** Several people at once, in the order of their names. */
export async function people<const Names extends readonly string[]>(
  base: string,
  ...names: Names
): Promise<{ [Index in keyof Names]: Person }> {
  const made: Person[] = [];
  for (const name of names) made.push(await person(base, name));
  return made as { [Index in keyof Names]: Person };
}

export function memoryQueue(): SendStorage {
  const kept = new Map<string, StoredSend>();
  return {
    watch(hear) {
      hear.yours([...kept.values()]);
      return () => {};
    },
    keep: (send) => void kept.set(send.nonce, send),
    drop: (nonce) => void kept.delete(nonce),
  };
}
