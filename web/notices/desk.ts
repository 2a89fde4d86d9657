const ASK_WITHIN = 150;

/** Whether somebody sits at any tab of this browser: each tab knows of its own focus alone, and the others ask it. */
export class Desk {
  readonly #hasFocus: () => boolean;
  readonly #channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("parlour.desk");
  readonly #asking = new Set<(isManned: boolean) => void>();

  constructor(hasFocus: () => boolean) {
    this.#hasFocus = hasFocus;
    if (this.#channel) this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#hear(data);
  }

  isManned(): Promise<boolean> {
    const channel = this.#channel;
    if (this.#hasFocus() || !channel) return Promise.resolve(this.#hasFocus());
    return new Promise((resolve) => {
      const end = (isManned: boolean) => {
        clearTimeout(late);
        this.#asking.delete(end);
        resolve(isManned);
      };
      const late = setTimeout(() => end(false), ASK_WITHIN);
      this.#asking.add(end);
      channel.postMessage("who?");
    });
  }

  close(): void {
    this.#channel?.close();
    for (const end of this.#asking) end(false);
  }

  #hear(said: unknown): void {
    if (said === "who?" && this.#hasFocus()) this.#channel?.postMessage("here");
    if (said === "here") for (const end of this.#asking) end(true);
  }
}
