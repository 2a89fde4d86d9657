/**
 * Holds back what the store's writer answers: what is committed stands in the file, for any reader to see, and nobody is
 * told of it before `release`. Servers that are started until `[Symbol.dispose]` have such a writer.
 */
export function heldWriter(): Disposable & { hold(): void; release(): void } {
  const Native = globalThis.Worker;
  let held: (() => void)[] | null = null;
  globalThis.Worker = class extends Native {
    readonly #isWriter: boolean;

    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.#isWriter = String(url).endsWith("/writer.ts");
    }

    override set onmessage(hear: Worker["onmessage"]) {
      super.onmessage = (event) => {
        if (this.#isWriter && held) held.push(() => hear?.call(this, event));
        else hear?.call(this, event);
      };
    }
  };
  return {
    hold() {
      held = [];
    },
    release() {
      const waiting = held ?? [];
      held = null;
      for (const go of waiting) go();
    },
    [Symbol.dispose]() {
      globalThis.Worker = Native;
    },
  };
}
