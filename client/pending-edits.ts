import type { Ack } from "#shared/frames.ts";
import type { Api } from "./api.ts";
import type { PendingSend } from "./send-queue.ts";

const REMEMBERED = 100;

/** Edits of messages that are still on their way: they wait until the message has its place, and are made then. */
export class PendingEdits {
  readonly #api: Api;
  readonly #texts = new Map<string, string>();
  /** Of those acknowledged lately, which message they became. */
  readonly #ids = new Map<string, number>();
  readonly #changed: () => void;

  constructor(api: Api, changed: () => void) {
    this.#api = api;
    this.#changed = changed;
  }

  edit(nonce: string, content: string): void {
    this.#texts.set(nonce, content);
    this.#changed();
    this.#make(nonce);
  }

  /** As it will read. */
  shown(send: PendingSend): PendingSend {
    const content = this.#texts.get(send.nonce);
    return content === undefined ? send : { ...send, content };
  }

  acked({ nonce, id }: Ack): void {
    this.#ids.set(nonce, id);
    const [oldest] = this.#ids.keys();
    if (this.#ids.size > REMEMBERED && oldest !== undefined) this.#ids.delete(oldest);
    this.#make(nonce);
  }

  /** What found nobody goes again. */
  ready(): void {
    for (const nonce of this.#texts.keys()) this.#make(nonce);
  }

  discard(nonce: string): void {
    this.#texts.delete(nonce);
  }

  #make(nonce: string): void {
    const content = this.#texts.get(nonce);
    const id = this.#ids.get(nonce);
    if (content === undefined || id === undefined) return;
    this.#api.editMessage(id, content).then(
      () => this.#texts.get(nonce) === content && this.#texts.delete(nonce),
      () => {},
    );
  }
}
