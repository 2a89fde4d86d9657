import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestServer } from "#tests/support/start-server.ts";
import { fuzz } from "./fuzz.ts";
import type { Plant } from "./world.ts";

/** A campaign that finds nothing is believed only if it finds what is put in on purpose. */

const SEEDS = 12;

const plants: Record<string, { make: () => Plant; found: RegExp }> = {
  "an event that is lost on its way": {
    make: () => ({ wire: oneIn(40, /^\{"type":"message"/, () => []) }),
    found: /gap/,
  },
  "an event that comes twice": {
    make: () => ({ wire: oneIn(20, /^\{"type":"message"/, (text) => [text, text]) }),
    found: /again/,
  },
  "two events that change places": {
    make: () => ({ wire: swapped(15) }),
    found: /gap|again|not its log|opened/,
  },
  "the last event before a silence, of which nobody learns": {
    make: () => ({ wire: oneIn(3, /^\{"type":"(member|room\.changed)/, () => []) }),
    found: /gap|a new device has|opened/,
  },
  "a row of one's own rooms that is lost": {
    make: () => ({ wire: oneIn(12, /^\{"type":"me",.*"reset":false/, () => []) }),
    found: /a new device has/,
  },
  "a place that is lost": {
    make: () => ({ wire: oneIn(3, /^\{"type":"at"/, () => []) }),
    found: /heads|unread/,
  },
  "a resume that begins one event too late": {
    make: () => ({ server: reads("missed", (args: { after: number }) => ({ ...args, after: args.after + 1 })) }),
    found: /gap|opened/,
  },
  "a nonce that is forgotten": {
    make: () => ({ server: forgetsNonces(), wire: oneIn(4, /^\{"type":"ack"/, () => []) }),
    found: /duplicate|ack-changed/,
  },
  "a resume that tells what one may not see": {
    make: () => ({ server: readsAsSomebodyWhoMay }),
    found: /unseen by right/,
  },
  "an acknowledged message that is gone from the file": {
    make: () => ({ server: losesStored }),
    found: /lost-write|file|head of/,
  },
};

test.each(Object.entries(plants))(
  "%s is found",
  async (_, { make, found }) => {
    const told: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { faults } = await fuzz(seed, make());
      told.push(...faults);
      if (faults.some((fault) => found.test(fault))) return;
    }
    expect(told.join("\n")).toMatch(found);
  },
  120_000,
);

test("and nothing is found where nothing was put in", async () => {
  const { faults } = await fuzz(1);
  expect(faults).toEqual([]);
}, 60_000);

function oneIn(count: number, which: RegExp, instead: (text: string) => string[]): (text: string) => string[] {
  let seen = 0;
  return (text) => {
    if (!which.test(text)) return [text];
    seen += 1;
    return seen % count === 0 ? instead(text) : [text];
  };
}

function swapped(count: number): (text: string) => string[] {
  let seen = 0;
  let held: string | null = null;
  return (text) => {
    if (!text.startsWith('{"type":"message"')) return [text];
    if (held !== null) {
      const former = held;
      held = null;
      return [text, former];
    }
    seen += 1;
    if (seen % count > 0) return [text];
    held = text;
    return [];
  };
}

function reads<Args>(name: string, change: (args: Args) => Args): (server: TestServer) => void {
  return ({ store }) => {
    const read = store.read;
    store.read = ((...[what, actor, args]: [string, unknown, Args]) =>
      read.apply(store, [what, actor, what === name ? change(args) : args] as never)) as typeof read;
  };
}

/** A nonce that comes again is taken for a new one. Acks are lost beside it, or a quick machine would seldom ask twice. */
function forgetsNonces(): (server: TestServer) => void {
  const seen = new Set<string>();
  return ({ store }) => {
    const send = store.send;
    store.send = (room, user, nonceJson, content, done) => {
      const forgotten = nonceJson !== null && seen.has(`${user} ${nonceJson}`);
      seen.add(`${user} ${nonceJson}`);
      send.call(store, room, user, forgotten ? JSON.stringify(crypto.randomUUID()) : nonceJson, content, done);
    };
  };
}

/** Asks for what was missed in the name of the first person, who made the rooms. */
function readsAsSomebodyWhoMay({ store }: TestServer): void {
  const read = store.read;
  store.read = ((...[what, actor, args]: [string, { userId: number }, unknown]) =>
    read.apply(store, [what, what === "missed" ? { userId: 1 } : actor, args] as never)) as typeof read;
}

/** A little after each start a message that was stored is taken out of the file. */
function losesStored({ dataDir }: TestServer): void {
  setTimeout(() => {
    // The world may have come to its end before.
    if (!existsSync(join(dataDir, "parlour.db"))) return;
    const file = new Database(join(dataDir, "parlour.db"));
    file.run("PRAGMA busy_timeout = 1000");
    file.run("DELETE FROM messages WHERE id = (SELECT max(id) FROM messages)");
    file.close();
  }, 400);
}
