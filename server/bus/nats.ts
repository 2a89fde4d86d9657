import { connect, type Msg, type NatsConnection, type Subscription as NatsSubscription } from "@nats-io/transport-node";
import type { Bus, Subscription } from "./bus.ts";

export interface NatsPlace {
  servers: string[];
  user: string | null;
  pass: string | null;
  token: string | null;
  tls: { ca: string | null } | null;
}

export interface NatsSettings {
  place: NatsPlace;
  name: string;
  random: () => number;
  /** Something that an operator should know, in one line. */
  warn: (line: string) => void;
}

/** What may wait for a line that is slow. Beyond it hints are lost, as they are when the line is down. */
const PENDING_MOST = 16 * 1024 * 1024;
const REST_LEAST = 100;
const REST_MOST = 2_000;
const LIVE_WITHIN = 250;
/** A server that has taken a line and then answers nothing is left for another. */
const BEGINS_WITHIN = 3_000;
const READ_WITHIN = 15_000;

interface Wanted {
  readonly subject: string;
  readonly hear: (text: string) => void;
  native: NatsSubscription | null;
}

/** One connection. What was counted on it ends with it. */
interface Line {
  readonly connection: NatsConnection;
  /** Bytes that the server has not said it has read. */
  pending: number;
  isAsking: boolean;
  /** Whoever waits for an answer when the line is cut. */
  readonly asking: Set<() => void>;
}

/**
 * NATS as a bus. The line comes back by itself, for ever; while it is away what is published is lost, which costs the
 * others a read and nothing else. A server that is not there yet does not keep a node from starting.
 */
export class NatsBus implements Bus {
  readonly #settings: NatsSettings;
  readonly #wanted = new Set<Wanted>();
  readonly #back: (() => void)[] = [];
  #line: Line | null = null;
  #isUp = false;
  #isClosed = false;
  #wakeRest: () => void = () => {};

  constructor(settings: NatsSettings) {
    this.#settings = settings;
    void this.#live();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  publish(subject: string, text: string): void {
    const line = this.#line;
    if (!line || !this.#isUp || line.pending > PENDING_MOST) return;
    try {
      line.connection.publish(subject, text);
    } catch {
      // Closing just now, or longer than the server takes: a hint that is lost.
      return;
    }
    line.pending += text.length + subject.length;
    void this.#askWhatIsRead(line);
  }

  subscribe(subject: string, hear: (text: string) => void): Subscription {
    const wanted: Wanted = { subject, hear, native: null };
    this.#wanted.add(wanted);
    if (this.#line) this.#listen(this.#line.connection, wanted);
    return {
      live: async () => {
        if (this.#line && this.#isUp) await isRead(this.#line, LIVE_WITHIN);
      },
      end: () => {
        this.#wanted.delete(wanted);
        try {
          wanted.native?.unsubscribe();
        } catch {
          // The connection is closed, and with it all it heard.
        }
      },
    };
  }

  onBack(run: () => void): void {
    this.#back.push(run);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // What was said last, such as that this node goes, still leaves.
    if (this.#line && this.#isUp) await isRead(this.#line, LIVE_WITHIN);
    this.#isUp = false;
    this.#wakeRest();
    await this.#line?.connection.close().catch(() => {});
  }

  async #live(): Promise<void> {
    let rest = REST_LEAST;
    let isSaid = false;
    while (!this.#isClosed) {
      const failed = await this.#once().then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      if (this.#isClosed) return;
      if (failed === null) {
        rest = REST_LEAST;
        isSaid = false;
        this.#settings.warn("The bus is lost. Nodes hear of each other by the database until it is back.");
      } else if (!isSaid) {
        isSaid = true;
        this.#settings.warn(`The bus does not answer: ${failed}. Nodes hear of each other by the database until then.`);
      }
      await this.#sleep(rest * (0.5 + this.#settings.random()));
      rest = Math.min(rest * 2, REST_MOST);
    }
  }

  /** One connection from its beginning to its end; throws when there was none. Coming back is ours, so it never ends. */
  async #once(): Promise<void> {
    const { servers, user, pass, token, tls } = this.#settings.place;
    const connection = await connect({
      servers,
      name: this.#settings.name,
      reconnect: false,
      timeout: 3_000,
      pingInterval: 5_000,
      maxPingOut: 2,
      noEcho: true,
      ignoreClusterUpdates: true,
      ...(user === null ? {} : { user, pass: pass ?? "" }),
      ...(token === null ? {} : { token }),
      ...(tls === null ? {} : { tls: tls.ca === null ? {} : { caFile: tls.ca } }),
    });
    if (this.#isClosed) return void (await connection.close());
    const line: Line = { connection, pending: 0, isAsking: false, asking: new Set() };
    this.#line = line;
    const closed = connection.closed().then(() => {
      this.#isUp = false;
      this.#line = null;
      for (const cut of line.asking) cut();
    });
    for (const wanted of this.#wanted) this.#listen(connection, wanted);
    const isBegun = await isRead(line, BEGINS_WITHIN);
    if (!isBegun) await connection.close().catch(() => {});
    else if (this.#line === line) {
      this.#isUp = true;
      for (const run of this.#back) run();
    }
    await closed;
    if (!isBegun) throw new Error("it took the line and answered nothing");
  }

  #listen(connection: NatsConnection, wanted: Wanted): void {
    try {
      wanted.native = connection.subscribe(wanted.subject, {
        callback: (error: Error | null, message: Msg) => {
          if (error === null) this.#hear(wanted, message);
        },
      });
    } catch {
      wanted.native = null;
    }
  }

  /** A hint that cannot be read, by a version to come perhaps, is as good as lost. */
  #hear(wanted: Wanted, message: Msg): void {
    try {
      wanted.hear(message.string());
    } catch (error) {
      const what = error instanceof Error ? error.name : "unknown";
      this.#settings.warn(`A hint on ${wanted.subject} was not understood (${what}).`);
    }
  }

  async #askWhatIsRead(line: Line): Promise<void> {
    if (line.isAsking) return;
    line.isAsking = true;
    while (line.pending > 0 && line === this.#line) {
      const asked = line.pending;
      if (!(await isRead(line, READ_WITHIN))) break;
      line.pending -= asked;
    }
    line.isAsking = false;
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((go) => {
      const timer = setTimeout(go, ms);
      this.#wakeRest = () => {
        clearTimeout(timer);
        go();
      };
    });
  }
}

/** Whether the server says within that time that it has read all. A flush that a cut finds under way never ends by itself. */
async function isRead(line: Line, within: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const cut = () => resolve(false);
  const timer = setTimeout(cut, within);
  line.asking.add(cut);
  line.connection.flush().then(() => resolve(true), cut);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    line.asking.delete(cut);
  }
}
