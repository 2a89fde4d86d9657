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

interface Wanted {
  readonly subject: string;
  readonly hear: (text: string) => void;
  native: NatsSubscription | null;
}

/**
 * NATS as a bus. The line comes back by itself, for ever; while it is away what is published is lost, which costs the
 * others a read and nothing else. A server that is not there yet does not keep a node from starting.
 */
export class NatsBus implements Bus {
  readonly #settings: NatsSettings;
  readonly #wanted = new Set<Wanted>();
  readonly #back: (() => void)[] = [];
  #connection: NatsConnection | null = null;
  #isUp = false;
  #isClosed = false;
  /** Bytes that the server has not said it has read. */
  #pending = 0;
  #isAsking = false;
  #wakeRest: () => void = () => {};

  constructor(settings: NatsSettings) {
    this.#settings = settings;
    void this.#live();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  publish(subject: string, text: string): void {
    if (!this.#connection || !this.#isUp || this.#pending > PENDING_MOST) return;
    try {
      this.#connection.publish(subject, text);
    } catch {
      // Closing just now, or longer than the server takes: a hint that is lost.
      return;
    }
    this.#pending += text.length + subject.length;
    this.#askWhatIsRead();
  }

  subscribe(subject: string, hear: (text: string) => void): Subscription {
    const wanted: Wanted = { subject, hear, native: null };
    this.#wanted.add(wanted);
    if (this.#connection) this.#listen(this.#connection, wanted);
    return {
      live: () => (this.#isUp ? this.#flushed() : Promise.resolve()),
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
    if (this.#isUp) await this.#flushed();
    this.#isUp = false;
    this.#wakeRest();
    await this.#connection?.close().catch(() => {});
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
    this.#connection = connection;
    this.#pending = 0;
    for (const wanted of this.#wanted) this.#listen(connection, wanted);
    await connection.flush().catch(() => {});
    this.#isUp = !connection.isClosed();
    if (this.#isUp) for (const run of this.#back) run();
    await connection.closed();
    this.#isUp = false;
    this.#connection = null;
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

  #askWhatIsRead(): void {
    if (this.#isAsking || !this.#connection) return;
    this.#isAsking = true;
    const asked = this.#pending;
    const connection = this.#connection;
    const done = (isRead: boolean) => {
      this.#isAsking = false;
      if (connection !== this.#connection || !isRead) return;
      this.#pending -= asked;
      if (this.#pending > 0) this.#askWhatIsRead();
    };
    connection.flush().then(
      () => done(true),
      () => done(false),
    );
  }

  async #flushed(): Promise<void> {
    const flushed = this.#connection?.flush().catch(() => {});
    await Promise.race([flushed, Bun.sleep(LIVE_WITHIN)]);
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
