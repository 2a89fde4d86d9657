import { createConnection, type Socket } from "node:net";

/** A frame as it came: 1 is text, 8 close, 9 ping, 10 pong. */
export interface WireFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/**
 * A WebSocket by hand over TCP, for what no well-behaved client does: to stop reading, to leave pings unanswered, to
 * vanish. Text frames that were heard stand in `texts`.
 */
export class TcpSocket {
  readonly texts: string[] = [];
  readonly frames: WireFrame[] = [];
  received = 0;
  /** The head of the HTTP answer. */
  answer = "";
  isClosed = false;
  closeCode: number | null = null;
  readonly #tcp: Socket;
  #rest: Buffer[] = [];
  #restLength = 0;
  #isUpgraded = false;
  #waiting: (() => void)[] = [];

  private constructor(tcp: Socket) {
    this.#tcp = tcp;
    tcp.on("data", (data: Buffer) => this.#came(data));
    tcp.on("error", () => {});
    tcp.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  static async open(
    base: string,
    path: string,
    token: string | null,
    more: Record<string, string> = {},
  ): Promise<TcpSocket> {
    const { hostname, port } = new URL(base);
    const tcp = createConnection(Number(port), hostname);
    const socket = new TcpSocket(tcp);
    await new Promise<void>((go, fail) => tcp.once("connect", go).once("error", fail));
    const headers = {
      host: `${hostname}:${port}`,
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-key": Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64"),
      "sec-websocket-version": "13",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...more,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    tcp.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    await socket.until(() => socket.#isUpgraded);
    return socket;
  }

  say(frame: object): void {
    this.write(1, Buffer.from(JSON.stringify(frame)));
  }

  write(opcode: number, payload: Buffer): void {
    const mask = crypto.getRandomValues(new Uint8Array(4));
    const masked = Buffer.from(payload);
    for (let at = 0; at < masked.length; at++) masked[at] = (masked[at] ?? 0) ^ (mask[at % 4] ?? 0);
    this.#tcp.write(Buffer.concat([head(opcode, payload.length), mask, masked]));
  }

  /** Reads nothing more: what comes fills the buffers of both ends. */
  stopReading(): void {
    this.#tcp.pause();
  }

  readOn(): void {
    this.#tcp.resume();
  }

  /** Ends the line without a close frame. */
  cut(): void {
    this.#tcp.destroy();
  }

  heard<Frame = Record<string, unknown>>(type: string): Frame[] {
    return this.texts.filter((text) => text.startsWith(`{"type":"${type}"`)).map((text) => JSON.parse(text) as Frame);
  }

  async until(done: () => boolean, within = 10_000): Promise<void> {
    const end = performance.now() + within;
    while (!done()) {
      if (performance.now() > end) throw new Error(`Waited ${within} ms in vain after ${this.received} bytes.`);
      await new Promise<void>((go) => {
        const timer = setTimeout(go, 100);
        this.#waiting.push(() => {
          clearTimeout(timer);
          go();
        });
      });
    }
  }

  #came(data: Buffer): void {
    this.received += data.length;
    this.#rest.push(data);
    this.#restLength += data.length;
    this.#read();
    this.#wake();
  }

  #read(): void {
    const wanted = this.#wanted();
    if (this.#restLength < wanted) return;
    let rest = Buffer.concat(this.#rest);
    if (!this.#isUpgraded) {
      const end = rest.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.answer = rest.subarray(0, end + 2).toString();
      this.#isUpgraded = this.answer.startsWith("HTTP/1.1 101");
      rest = rest.subarray(end + 4);
    }
    for (let frame = take(rest); frame; frame = take(rest)) {
      rest = rest.subarray(frame.length);
      this.frames.push(frame);
      if (frame.opcode === 1) this.texts.push(frame.payload.toString());
      if (frame.opcode === 8) this.closeCode = frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005;
    }
    this.#rest = [rest];
    this.#restLength = rest.length;
  }

  // Parts of a large frame are joined when all are there, not anew with each part.
  #wanted(): number {
    const first = this.#rest[0];
    if (!this.#isUpgraded || !first || first.length < 10) return 0;
    return bounds(first)?.total ?? 0;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}

function head(opcode: number, length: number): Buffer {
  const first = 0x80 | opcode;
  if (length < 126) return Buffer.from([first, 0x80 | length]);
  if (length < 65_536) return Buffer.from([first, 0x80 | 126, length >> 8, length & 255]);
  const long = Buffer.alloc(10);
  long[0] = first;
  long[1] = 0x80 | 127;
  long.writeBigUInt64BE(BigInt(length), 2);
  return long;
}

function bounds(data: Buffer): { start: number; total: number } | null {
  const short = (data[1] ?? 0) & 127;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (data.length < start) return null;
  const length = short === 126 ? data.readUInt16BE(2) : short === 127 ? Number(data.readBigUInt64BE(2)) : short;
  return { start, total: start + length };
}

function take(data: Buffer): (WireFrame & { length: number }) | null {
  if (data.length < 2) return null;
  const found = bounds(data);
  if (!found || data.length < found.total) return null;
  const payload = data.subarray(found.start, found.total);
  return { opcode: (data[0] ?? 0) & 15, payload, length: found.total };
}
