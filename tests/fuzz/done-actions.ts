import { writes } from "#server/store/actions.ts";
import type { TestServer } from "#tests/support/start-server.ts";

type Action = keyof typeof writes;

/** Not done by people at their devices in the fuzz, each with where it is tried instead. */
const elsewhere: Partial<Record<Action, string>> = {
  "begin-import": "tests/compat/import.test.ts",
  "import-batch": "tests/compat/import.test.ts",
  "change-password": "tests/attacks/tokens.test.ts ends sessions by it",
  "link-password": "tests/api/password-link.test.ts",
  "make-password-link": "tests/api/password-link.test.ts",
  "use-password-link": "tests/api/password-link.test.ts",
  "change-setting": "tests/api/governance.test.ts: it would close the house to everybody else's deeds",
  "confirm-email": "tests/mail/digest.test.ts",
  "end-digest": "tests/mail/digest.test.ts",
  "next-digests": "tests/mail/digest.test.ts",
  "put-digest": "tests/mail/digest.test.ts",
  "take-digest": "tests/mail/digest.test.ts",
  "note-told": "tests/push/push.test.ts: the fuzz has no closed browsers",
  "drop-push": "tests/push/push.test.ts",
  "end-push": "tests/push/push.test.ts",
  "move-push": "tests/push/push.test.ts",
  "put-push": "tests/push/push.test.ts",
  "end-session": "tests/attacks/tokens.test.ts",
  "log-out": "tests/attacks/tokens.test.ts",
  "refresh-session": "tests/attacks/tokens.test.ts",
  beat: "tests/cluster/two-without-bus.test.ts: nodes among themselves",
  "keep-ticket": "tests/cluster/accounts.test.ts: many nodes alone keep them",
  "use-ticket": "tests/cluster/accounts.test.ts",
  "give-guess-back": "tests/attacks/guessing.test.ts: limits are off in the fuzz",
  "take-guess": "tests/attacks/guessing.test.ts",
  "lift-bans": "tests/api/bans.test.ts: no ban ends within a fuzz",
  "sweep-invites": "tests/api/invites.test.ts: no invite is a month old within a fuzz",
  "fail-scheduled": "tests/faults/scheduled.test.ts",
};

/** Notes which actions a server is asked for. */
export function noteActions({ stores }: TestServer, done: Set<string>): void {
  for (const store of stores) {
    const { write } = store;
    store.write = ((name: Action, ...rest: [never]) => {
      done.add(name);
      return write.call(store, name, ...rest);
    }) as typeof store.write;
  }
}

/** What a long campaign should have done and has not: a new action has to be done in it or named above. */
export function neverDone(done: ReadonlySet<string>): string[] {
  return Object.keys(writes).filter((name) => !done.has(name) && !(name in elsewhere));
}
