import { applyDraft } from "#shared/apply-kept.ts";
import { errors, Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Replica } from "#shared/replica.ts";
import type { Api } from "./api.ts";
import { type Clock, Timer } from "./clock.ts";

/** Where what the server does not know yet is kept, so that a closed tab loses nothing. */
export interface DraftStorage {
  load(): [roomId: number, content: string][];
  /** Null: the server has it. */
  save(roomId: number, content: string | null): void;
}

export interface DraftsOptions {
  replica: Replica;
  api: Pick<Api, "keepDraft">;
  clock: Clock;
  storage: DraftStorage;
  changed(): void;
}

const AGAIN_AFTER = 10_000;

/** What is written and not sent, by room: here at once, on the person's other devices a moment later. */
export class Drafts {
  readonly #options: DraftsOptions;
  /** What was written here and the server has not acknowledged. */
  readonly #unkept = new Map<number, Unkept>();

  constructor(options: DraftsOptions) {
    this.#options = options;
    for (const [roomId, content] of options.storage.load()) this.#unkept.set(roomId, this.#written(content));
  }

  of(roomId: number): string {
    return this.#unkept.get(roomId)?.content ?? this.#options.replica.drafts.get(roomId)?.content ?? "";
  }

  /** Told now and then while somebody writes; at once when it is empty, because it was sent or thrown away. */
  write(roomId: number, content: string): void {
    if (content === this.of(roomId)) return;
    const unkept = this.#unkept.get(roomId) ?? this.#written(content);
    unkept.content = content;
    unkept.refused = false;
    this.#unkept.set(roomId, unkept);
    this.#options.storage.save(roomId, content);
    this.#options.changed();
    if (content === "") this.#keep(roomId, unkept);
    else if (!unkept.pause.running) unkept.pause.set(limits.draftEvery, () => this.#keep(roomId, unkept));
  }

  /** What found nobody goes again. */
  ready(): void {
    for (const [roomId, unkept] of this.#unkept) this.#keep(roomId, unkept);
  }

  stop(): void {
    for (const { pause } of this.#unkept.values()) pause.clear();
  }

  #written(content: string): Unkept {
    return { content, isOnItsWay: false, refused: false, pause: new Timer(this.#options.clock) };
  }

  #keep(roomId: number, unkept: Unkept): void {
    unkept.pause.clear();
    if (unkept.isOnItsWay || unkept.refused) return;
    const { content } = unkept;
    unkept.isOnItsWay = true;
    this.#options.api
      .keepDraft(roomId, content)
      .then(
        (row) => {
          applyDraft(this.#options.replica, row);
          if (unkept.content === content) this.#forget(roomId);
          else unkept.pause.set(limits.draftEvery, () => this.#keep(roomId, unkept));
        },
        (error: unknown) => {
          // It stays here, and is told again when it is written on.
          if (error instanceof Refusal && !errors[error.code].retry) unkept.refused = true;
          else unkept.pause.set(AGAIN_AFTER, () => this.#keep(roomId, unkept));
        },
      )
      .finally(() => {
        unkept.isOnItsWay = false;
        this.#options.changed();
      });
  }

  #forget(roomId: number): void {
    this.#unkept.delete(roomId);
    this.#options.storage.save(roomId, null);
  }
}

interface Unkept {
  content: string;
  isOnItsWay: boolean;
  /** The server does not take it. */
  refused: boolean;
  readonly pause: Timer;
}
