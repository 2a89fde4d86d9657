import type { ClientFrame, History, ServerFrame } from "#shared/frames.ts";

export type Heard = ServerFrame | History;

/**
 * A socket without a client: what is heard is kept as it came, repeats and all, and nothing is answered. For tests of
 * the wire itself.
 */
export class RawSocket {
  readonly heard: Heard[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly #socket: WebSocket;
  #waiting: (() => void)[] = [];
  #pongs = 0;

  private constructor(url: string, token: string | null) {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    // Bun's WebSocket takes headers, which the type that browsers share does not know.
    this.#socket = new WebSocket(url, { headers } as unknown as string[]);
    this.#socket.onmessage = ({ data }) => {
      const frame = JSON.parse(String(data)) as Heard;
      this.heard.push(frame);
      if (frame.type === "pong") this.#pongs += 1;
      this.#wake();
    };
    this.#socket.onclose = ({ code, reason }) => {
      this.closed = { code, reason };
      this.#wake();
    };
  }

  /** `path` is `/ws`, or `/ws/` and a room. A null token offers none. */
  static async open(base: string, path: string, token: string | null): Promise<RawSocket> {
    const socket = new RawSocket(base.replace(/^http/, "ws") + path, token);
    await socket.until(() => socket.closed !== null || socket.#socket.readyState === WebSocket.OPEN, 5_000, true);
    return socket;
  }

  /** Opens `/ws`, says hello and waits for `ready`. */
  static async ready(
    base: string,
    token: string,
    hello: Omit<Extract<ClientFrame, { type: "hello" }>, "type"> = {},
  ): Promise<RawSocket> {
    const socket = await RawSocket.open(base, "/ws", token);
    socket.say({ type: "hello", ...hello });
    await socket.hears("ready");
    return socket;
  }

  say(frame: ClientFrame): void {
    this.#socket.send(JSON.stringify(frame));
  }

  sayText(text: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(text);
  }

  /** The first frame of a type that satisfies the test, heard already or still to come. */
  async hears<Type extends Heard["type"]>(
    type: Type,
    wanted: (frame: Extract<Heard, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<Heard, { type: Type }>> {
    let found: Extract<Heard, { type: Type }> | undefined;
    // Each frame is looked at once: a socket that hears a whole flood would be read from its beginning at each one.
    let at = 0;
    await this.until(() => {
      for (; found === undefined && at < this.heard.length; at++) {
        const frame = this.heard[at] as Extract<Heard, { type: Type }>;
        if (frame.type === type && wanted(frame)) found = frame;
      }
      return found !== undefined;
    });
    return found as Extract<Heard, { type: Type }>;
  }

  all<Type extends Heard["type"]>(type: Type): Extract<Heard, { type: Type }>[] {
    return this.heard.filter((frame) => frame.type === type) as Extract<Heard, { type: Type }>[];
  }

  async closes(): Promise<{ code: number; reason: string }> {
    await this.until(() => this.closed !== null);
    return this.closed ?? { code: 0, reason: "" };
  }

  /** Answers a ping only after everything said before: what was not heard by then is not coming. */
  async settled(): Promise<void> {
    const before = this.#pongs;
    this.say({ type: "ping" });
    await this.until(() => this.#pongs > before);
  }

  close(): void {
    this.#socket.close();
  }

  /** Breaks the line without a close frame, as a lost network does. */
  cut(): void {
    // Bun's own: the type that browsers share has no way to break a line.
    (this.#socket as unknown as { terminate(): void }).terminate();
  }

  async until(done: () => boolean, within = 5_000, polled = false): Promise<void> {
    const end = performance.now() + within;
    while (!done()) {
      if (performance.now() > end) {
        const types = this.heard
          .slice(-40)
          .map((frame) => frame.type)
          .join(" ");
        throw new Error(`Waited ${within} ms in vain. Heard: ${types}. Closed: ${JSON.stringify(this.closed)}`);
      }
      await new Promise<void>((go) => {
        const timer = setTimeout(go, polled ? 5 : 100);
        this.#waiting.push(() => {
          clearTimeout(timer);
          go();
        });
      });
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}
