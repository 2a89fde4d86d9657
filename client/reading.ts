import { withSince } from "#shared/apply-event.ts";
import { happeningsSince } from "#shared/apply-happening.ts";
import { Refusal } from "#shared/errors.ts";
import type { RoomEvent } from "#shared/events.ts";
import type { Message, MessagePage } from "#shared/models.ts";
import { type Talk, withAround, withNewer, withOlder, withoutPast } from "#shared/past.ts";
import type { PagePart } from "./api.ts";
import type { RoomView, Sight, Sought } from "./room-view.ts";

/** One talk and the ways to it: a room's own, or that of a thread. */
export interface Reads<Kind extends Talk> {
  talk(): Kind | undefined;
  write(talk: Kind): void;
  /** Up to which seq the room was heard: what a page has beyond it is still to be heard. */
  heardUpTo(): number;
  page(part: PagePart): Promise<MessagePage>;
  /** Null: it is not in this talk. */
  message(id: number): Promise<Message | null>;
  isOurHistory(epoch: string): boolean;
  loaded(messages: readonly Message[]): void;
  /** What happened to a message while its page was on the way, which may have to be asked for. */
  missed(event: RoomEvent): void;
  changed(): void;
}

/** Reads in a talk to and fro: older pages, newer ones, and the messages around one that is sought. */
export class Reading<Kind extends Talk> {
  older: RoomView["older"] = "idle";
  newer: RoomView["newer"] = "idle";
  sight: Sight = { key: 0, at: null };
  readonly #reads: Reads<Kind>;
  /** What was heard since each page was asked for that is on its way. */
  readonly #since = new Set<RoomEvent[]>();
  #sought = 0;

  constructor(reads: Reads<Kind>) {
    this.#reads = reads;
  }

  applied(event: RoomEvent): void {
    for (const since of this.#since) since.push(event);
  }

  /** The talk is void, and what was asked for it is answered to nobody. */
  dropped(): void {
    this.#sought += 1;
    this.#turn(null);
  }

  async loadOlder(): Promise<void> {
    const talk = this.#reads.talk();
    const before = (talk?.past ?? talk)?.before ?? null;
    if (before === null || this.#isLoading) return;
    await this.#load("older", { before }, withOlder);
  }

  async loadNewer(): Promise<void> {
    const after = this.#reads.talk()?.past?.after;
    if (after === undefined || this.#isLoading) return;
    await this.#load("newer", { after }, withNewer);
  }

  /** Shows the messages around one. Of two that are sought at once the later one is shown. */
  async seek(id: number): Promise<Sought> {
    this.#sought += 1;
    const sought = this.#sought;
    const isWanted = () => sought === this.#sought;
    const isHere = this.#reads.talk()?.messages.some((message) => message.id === id);
    if (isHere) return this.#show(id, withoutPast);
    const message = await this.#reads.message(id).catch((error: unknown) => asError(error));
    if (!isWanted()) return "overtaken";
    if (message === null || message instanceof Error) return isRefused(message) ? "gone" : "failed";
    const since: RoomEvent[] = [];
    this.#since.add(since);
    const page = await this.#reads.page({ around: message.seq }).catch((error: unknown) => asError(error));
    this.#since.delete(since);
    if (!isWanted()) return "overtaken";
    if (page instanceof Error || !this.#reads.isOurHistory(page.epoch)) return "failed";
    const shown = this.#show(id, (talk) => withAround(talk, this.#heard(page, since)));
    this.#reads.loaded(page.items);
    for (const event of since) this.#reads.missed(event);
    return shown;
  }

  toNewest(): void {
    this.#sought += 1;
    if (this.#reads.talk()?.past || this.sight.at !== null) this.#show(null, withoutPast);
  }

  get #isLoading(): boolean {
    return this.older === "loading" || this.newer === "loading";
  }

  async #load(side: "older" | "newer", part: PagePart, join: (talk: Kind, page: MessagePage) => Kind): Promise<void> {
    const { sight } = this;
    const since: RoomEvent[] = [];
    this.#since.add(since);
    this[side] = "loading";
    this.#reads.changed();
    const page = await this.#reads.page(part).catch((error: unknown) => asError(error));
    this.#since.delete(since);
    const talk = this.#reads.talk();
    if (this.sight !== sight || !talk) return;
    const isFit = !(page instanceof Error) && this.#reads.isOurHistory(page.epoch);
    this[side] = isFit ? "idle" : "failed";
    if (isFit) {
      this.#reads.write(join(talk, this.#heard(page, since)));
      this.#reads.loaded(page.items);
      for (const event of since) this.#reads.missed(event);
    }
    this.#reads.changed();
  }

  /** A page that was read before somebody was renamed or a message changed arrives after that. */
  #heard(page: MessagePage, since: readonly RoomEvent[]): MessagePage {
    const upTo = this.#reads.heardUpTo();
    const items = withSince(page.items, since).filter(({ seq }) => seq <= upTo);
    const happenings = happeningsSince(page.happenings ?? [], since).filter(({ seq }) => seq <= upTo);
    return { ...page, items, happenings, after: (page.after ?? upTo) < upTo ? page.after : null };
  }

  #show(at: number | null, change: (talk: Kind) => Kind): Sought {
    const talk = this.#reads.talk();
    if (!talk) return "failed";
    this.#reads.write(change(talk));
    this.#turn(at);
    this.#reads.changed();
    return "shown";
  }

  #turn(at: number | null): void {
    this.sight = { key: this.sight.key + 1, at };
    this.older = "idle";
    this.newer = "idle";
  }
}

function isRefused(error: Error | null): boolean {
  return error === null || (error instanceof Refusal && error.status < 500 && error.status !== 429);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
