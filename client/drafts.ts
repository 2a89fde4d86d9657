import { applyDraft, draftPlace } from "#shared/apply-kept.ts";
import { errors, Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Replica } from "#shared/replica.ts";
import type { Api } from "./api.ts";
import { type Clock, Timer } from "./clock.ts";

/** Where what the server does not know yet is kept, so that a closed tab loses nothing. */
export interface DraftStorage {
  load(): [place: string, content: string][];
  /** Null: the server has it. */
  save(place: string, content: string | null): void;
}

export interface DraftsOptions {
  replica: Replica;
  api: Pick<Api, "keepDraft">;
  clock: Clock;
  storage: DraftStorage;
  changed(): void;
}

const AGAIN_AFTER = 10_000;

/** What is written and not sent, in rooms and in threads: here at once, on the person's other devices a moment later. */
export class Drafts {
  readonly #options: DraftsOptions;
  /** What was written here and the server has not acknowledged. */
  readonly #unkept = new Map<string, Unkept>();

  constructor(options: DraftsOptions) {
    this.#options = options;
    for (const [place, content] of options.storage.load()) this.#unkept.set(place, this.#written(content));
  }

  of(roomId: number, thread?: number): string {
    const place = draftPlace(roomId, thread);
    return this.#unkept.get(place)?.content ?? this.#options.replica.drafts.get(place)?.content ?? "";
  }

  /** Told now and then while somebody writes; at once when it is empty, because it was sent or thrown away. */
  write(content: string, roomId: number, thread?: number): void {
    if (content === this.of(roomId, thread)) return;
    const place = draftPlace(roomId, thread);
    const unkept = this.#unkept.get(place) ?? this.#written(content);
    unkept.content = content;
    unkept.refused = false;
    this.#unkept.set(place, unkept);
    this.#options.storage.save(place, content);
    this.#options.changed();
    if (content === "") this.#keep(place, unkept);
    else if (!unkept.pause.running) unkept.pause.set(limits.draftEvery, () => this.#keep(place, unkept));
  }

  /** What found nobody goes again. */
  ready(): void {
    for (const [place, unkept] of this.#unkept) this.#keep(place, unkept);
  }

  stop(): void {
    for (const { pause } of this.#unkept.values()) pause.clear();
  }

  #written(content: string): Unkept {
    return { content, isOnItsWay: false, refused: false, pause: new Timer(this.#options.clock) };
  }

  #keep(place: string, unkept: Unkept): void {
    unkept.pause.clear();
    if (unkept.isOnItsWay || unkept.refused) return;
    const { content } = unkept;
    const [roomId, thread] = place.split(".");
    unkept.isOnItsWay = true;
    this.#options.api
      .keepDraft(Number(roomId), content, thread === undefined ? undefined : Number(thread))
      .then(
        (row) => {
          applyDraft(this.#options.replica, row);
          if (unkept.content === content) this.#forget(place);
          else unkept.pause.set(limits.draftEvery, () => this.#keep(place, unkept));
        },
        (error: unknown) => {
          // It stays here, and is told again when it is written on.
          if (error instanceof Refusal && !errors[error.code].retry) unkept.refused = true;
          else unkept.pause.set(AGAIN_AFTER, () => this.#keep(place, unkept));
        },
      )
      .finally(() => {
        unkept.isOnItsWay = false;
        this.#options.changed();
      });
  }

  #forget(place: string): void {
    this.#unkept.delete(place);
    this.#options.storage.save(place, null);
  }
}

interface Unkept {
  content: string;
  isOnItsWay: boolean;
  /** The server does not take it. */
  refused: boolean;
  readonly pause: Timer;
}
