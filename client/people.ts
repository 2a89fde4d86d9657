import { lookOf } from "#shared/apply-event.ts";
import type { Status } from "#shared/contract/people.ts";
import type { MemberRenamed } from "#shared/events.ts";
import { limits } from "#shared/limits.ts";
import type { Face, Member } from "#shared/models.ts";
import type { Api } from "./api.ts";
import { type Clock, Timer } from "./clock.ts";

interface PeopleOptions {
  api: Api;
  clock: Clock;
  changed(): void;
}

/** People who are shown together are asked for together. */
const GATHER = 20;
const ASK_AGAIN = 10_000;
/** Beyond these the ones asked for longest ago are forgotten, and asked for when they are shown again. */
const MOST_KNOWN = 2_000;

/**
 * How people are drawn: a message names its author by id and user name alone. Who is shown is asked for once, and anew
 * after a cut; what changes meanwhile is heard in any room that is open.
 */
export class People {
  readonly #options: PeopleOptions;
  readonly #faces = new Map<number, Face>();
  readonly #statuses = new Map<number, Status>();
  /** Asked for since the line came up, or about to be. */
  readonly #asked = new Set<number>();
  readonly #wanted = new Set<number>();
  /** Those of whom something newer was heard than what is on its way. */
  readonly #heard = new Set<number>();
  readonly #gather: Timer;

  constructor(options: PeopleOptions) {
    this.#options = options;
    this.#gather = new Timer(options.clock);
  }

  /** Null: not known yet, or nobody who has an account now. The same object until it changes. */
  face(id: number): Face | null {
    return this.#faces.get(id) ?? null;
  }

  /** What somebody says they are up to, when it was last asked for. It may have ended since. */
  status(id: number): Status | null {
    return this.#statuses.get(id) ?? null;
  }

  want(id: number): void {
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    this.#wanted.add(id);
    this.#gather.set(GATHER, () => void this.#ask());
  }

  heard({ user_id, username, ...look }: MemberRenamed): void {
    this.#heard.add(user_id);
    this.#keep({ id: user_id, username, ...lookOf(look) });
  }

  met(members: readonly Member[]): void {
    for (const { user_id, username, ...look } of members) {
      this.#asked.add(user_id);
      this.#keep({ id: user_id, username, ...lookOf(look) });
    }
  }

  /** Something may have changed unheard: those who are known are asked for again. */
  again(ids: Iterable<number> = [...this.#asked]): void {
    for (const id of ids) {
      if (!this.#asked.delete(id)) continue;
      this.want(id);
    }
  }

  stop(): void {
    this.#gather.clear();
  }

  startOver(): void {
    for (const known of [this.#faces, this.#statuses, this.#asked, this.#wanted, this.#heard]) known.clear();
  }

  async #ask(): Promise<void> {
    const ids = [...this.#wanted].slice(0, limits.pageMost);
    for (const id of ids) {
      this.#wanted.delete(id);
      this.#heard.delete(id);
    }
    if (this.#wanted.size > 0) this.#gather.set(GATHER, () => void this.#ask());
    if (ids.length === 0) return;
    try {
      const { items } = await this.#options.api.faces(ids);
      for (const { id, username, role, status, ...look } of items) {
        this.#say(id, status);
        const guest = role === "guest" ? true : undefined;
        if (!this.#heard.has(id)) this.#keep({ id, username, ...lookOf({ ...look, guest }) });
      }
    } catch {
      // Until then they are drawn by the user name.
      for (const id of ids) this.#wanted.add(id);
      this.#gather.set(ASK_AGAIN, () => void this.#ask());
    }
  }

  #say(id: number, status: Status | null): void {
    const known = this.#statuses.get(id);
    if (known?.text === status?.text && known?.until === status?.until) return;
    if (status) this.#statuses.set(id, status);
    else this.#statuses.delete(id);
    this.#options.changed();
  }

  #keep(face: Face): void {
    const known = this.#faces.get(face.id);
    const isSame =
      known?.guest === face.guest &&
      known?.gone === face.gone &&
      known?.username === face.username &&
      known.display_name === face.display_name &&
      known.hue === face.hue;
    if (known && isSame) return;
    this.#faces.set(face.id, face);
    for (const id of this.#faces.keys()) {
      if (this.#faces.size <= MOST_KNOWN) break;
      this.#faces.delete(id);
      this.#statuses.delete(id);
      this.#asked.delete(id);
    }
    this.#options.changed();
  }
}
