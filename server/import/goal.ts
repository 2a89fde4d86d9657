import { NOBODY, type Store } from "../store/store.ts";
import type { Became, Step } from "./import-batch.ts";
import type { Here, KnownImport } from "./known-imports.ts";
import type { Goal } from "./run-import.ts";

export const NOTHING_HERE: Here = {
  isEmpty: true,
  admins: 0,
  names: [],
  emails: [],
  logins: [],
  rooms: [],
  imports: [],
};

/**
 * The earlier import of this source, wherever its file lies now; as a new one, only what did not end. One that had no
 * messages is told by its place as well: many systems have the same first user.
 */
export function knownImport(
  here: Here,
  source: { place: string; usersPrint: string; messagesPrint: string | null },
  asNew: boolean,
): KnownImport | null {
  const isSame = (known: KnownImport) =>
    !(asNew && known.finished) &&
    known.usersPrint === source.usersPrint &&
    (known.messagesPrint === null ? known.place === source.place : known.messagesPrint === source.messagesPrint);
  return here.imports.find(isSame) ?? null;
}

export function storeGoal(store: Store, here: Here, known: KnownImport | null, importId: number): Goal {
  let next = known?.step ?? 0;
  return {
    here,
    known,
    keepIds: known?.keepsIds ?? here.isEmpty,
    ids: async (kind) => new Map(await store.read("imported-ids", NOBODY, { importId, kind })),
    bring(step, state) {
      const batch = { importId, step: next, state, bring: step };
      next += 1;
      return store.write("import-batch", NOBODY, batch);
    },
  };
}

/** Nothing is written, and everything is looked at. */
export function dryGoal(store: Store | null, here: Here, known: KnownImport | null): Goal {
  let last = 0;
  return {
    here,
    known,
    keepIds: known?.keepsIds ?? here.isEmpty,
    async ids(kind) {
      if (store === null || known === null) return new Map();
      return new Map(await store.read("imported-ids", NOBODY, { importId: known.id, kind }));
    },
    async bring(step) {
      return plannedIn(step).map(({ sourceId, id }): Became[number] => {
        last += 1;
        return [sourceId, id ?? last];
      });
    },
  };
}

function plannedIn(step: Step): readonly { sourceId: string; id: number | null }[] {
  switch (step.kind) {
    case "users":
      return step.users;
    case "rooms":
      return step.rooms;
    case "messages":
      return step.messages;
    case "members":
    case "finish":
      return [];
    default:
      return step satisfies never;
  }
}
