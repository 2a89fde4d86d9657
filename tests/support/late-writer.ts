/**
 * Lets the store's writer answer late: what is committed stands in the file, for any reader to see, a while before
 * anybody is told of it. Servers that are started until `[Symbol.dispose]` have such a writer.
 */
export function lateWriter(milliseconds: number): Disposable {
  const Native = globalThis.Worker;
  globalThis.Worker = class extends Native {
    readonly #isWriter: boolean;

    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.#isWriter = String(url).endsWith("/writer.ts");
    }

    override set onmessage(hear: Worker["onmessage"]) {
      super.onmessage = (event) => {
        if (this.#isWriter) setTimeout(() => hear?.call(this, event), milliseconds);
        else hear?.call(this, event);
      };
    }
  };
  return {
    [Symbol.dispose]() {
      globalThis.Worker = Native;
    },
  };
}
