import { Connection } from "#server/store/postgres/connection.ts";

/**
 * Holds back what the store's writer answers: what is committed stands in the database, for any reader to see, and nobody
 * is told of it before `release`. Servers that are started until `[Symbol.dispose]` have such a writer.
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
  const query = Connection.prototype.query;
  Connection.prototype.query = async function <Row>(this: Connection, text: string, values?: (string | null)[]) {
    const answer = await query.call(this, text, values);
    const isCommit = text === "COMMIT" || text.startsWith("SELECT parlour.send_batch");
    if (isCommit && held) await new Promise<void>((go) => held?.push(go));
    return answer as { rows: Row[]; count: number; command: string };
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
      Connection.prototype.query = query;
    },
  };
}
