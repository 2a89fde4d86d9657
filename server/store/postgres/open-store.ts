import { Refusal } from "#shared/errors.ts";
import { contentHasher } from "../nonces.ts";
import type { Actor } from "../sql.ts";
import type { Store, WaitingSend } from "../store.ts";
import type { Tell } from "../tell.ts";
import { checkServer } from "./check-server.ts";
import { type Address, Connection, PostgresFault } from "./connection.ts";
import { sweepCommits } from "./fate.ts";
import { InOrder } from "./in-order.ts";
import { Lane, type Waiting } from "./lane.ts";
import { Link } from "./link.ts";
import { migrate } from "./migrate.ts";
import { Readers } from "./readers.ts";
import { roomOf } from "./run-action.ts";

export interface PostgresSettings {
  address: Address;
  nonceKey: Uint8Array;
  newEpoch: string;
  now: () => number;
  /** Something that an operator should know, in one line. */
  warn: (line: string) => void;
}

const ROOM_LANES = 4;
const QUEUE_MOST = 20_000;

export async function openPostgresStore(settings: PostgresSettings): Promise<Store> {
  const connection = await reach(settings.address);
  try {
    for (const line of await checkServer(connection)) settings.warn(line);
    const epoch = await migrate(connection, { ...settings, now: settings.now() });
    // A read-only one is read all the same.
    await sweepCommits(connection).catch(() => {});
    return new PostgresStore(epoch, settings);
  } catch (error) {
    throw error instanceof PostgresFault ? new Error(whyNot(settings.address, error)) : error;
  } finally {
    connection.kill();
  }
}

const STARTING_FOR_MS = 15_000;

/** A database that starts beside the server, as after a power cut, is waited for. */
async function reach(address: Address): Promise<Connection> {
  for (const until = performance.now() + STARTING_FOR_MS; ; await Bun.sleep(250)) {
    try {
      return await Connection.open(address);
    } catch (error) {
      const isAway = error instanceof PostgresFault && error.state === null && !error.isUntrusted;
      const isStarting = isAway || (error instanceof PostgresFault && error.state === "57P03");
      if (!isStarting || performance.now() >= until) throw new Error(whyNot(address, error));
    }
  }
}

function whyNot(address: Address, error: unknown): string {
  const { hostname, port, username, database } = address;
  const place = `${address.socketFolder ?? hostname}:${port}`;
  if (!(error instanceof PostgresFault)) return String(error);
  if (error.isUntrusted) {
    return `The database at ${place} is not trusted as sslmode asks for it: ${error.message}. Give it a certificate, name the one that signed it by sslrootcert, or check DATABASE_URL.`;
  }
  switch (error.state) {
    case null:
      return `The database at ${place} does not answer (${error.message}). Start it, or check DATABASE_URL.`;
    case "28P01":
    case "28000":
      return `The database at ${place} does not let ${username} in. Check the user name and password in DATABASE_URL.`;
    case "3D000":
      return `There is no database "${database}" at ${place}. Make it with CREATE DATABASE, or check DATABASE_URL.`;
    case "42501":
      return `The database at ${place} does not let ${username} make the schema parlour: GRANT CREATE ON DATABASE "${database}" TO "${username}".`;
    case "55P03":
    case "40P01":
      return `The database at ${place} cannot be updated while something holds its tables. Let it end, and start again.`;
    case "25006":
      return `The database at ${place} is read-only and has no tables of this version yet. Start once with a writable one.`;
    default:
      return `The database at ${place} refuses (${error.state}): ${error.message}`;
  }
}

class PostgresStore implements Store {
  readonly epoch: string;
  /** Rooms are dealt to them by id; the last one has what belongs to no room. */
  readonly #lanes: Lane[];
  readonly #readers: Readers;
  readonly #contentHash: (text: string) => string;
  #listen: (tell: Tell) => void = () => {};
  #answered: () => void = () => {};
  #waiting = 0;
  #sends = 0;
  #batches = 0;
  #isClosing = false;

  constructor(epoch: string, settings: PostgresSettings) {
    this.epoch = epoch;
    this.#contentHash = contentHasher(settings.nonceKey);
    const parts = {
      inOrder: new InOrder(),
      now: settings.now,
      contentHash: this.#contentHash,
      listen: (tell: Tell) => this.#listen(tell),
      answered: () => this.#answered(),
      left: (count: number) => {
        this.#waiting -= count;
      },
      stored: (sends: number) => {
        this.#sends += sends;
        this.#batches += 1;
      },
    };
    this.#lanes = Array.from({ length: ROOM_LANES + 1 }, () => new Lane(new Link(settings.address), parts));
    this.#readers = new Readers(settings.address);
  }

  get counts() {
    return { sends: this.#sends, batches: this.#batches, waiting: this.#waiting };
  }

  onTell(listen: (tell: Tell) => void): void {
    this.#listen = listen;
  }

  onAnswered(run: () => void): void {
    this.#answered = run;
  }

  async told(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.told()));
  }

  send(roomId: number, userId: number, nonceJson: string | null, contentJson: string, waiting: WaitingSend): void {
    const content = JSON.parse(contentJson) as string;
    const hash = this.#contentHash(`${roomId}\n${content}`);
    // Without one, a batch whose answer was lost could not be asked for again.
    const nonce = nonceJson === null ? `~${Bun.randomUUIDv7()}` : (JSON.parse(nonceJson) as string);
    const isTaken = this.#push(roomId, { kind: "send", send: { roomId, userId, nonce, hash, content }, waiting });
    if (!isTaken) waiting.answer("unavailable");
  }

  write(name: string, actor: Actor, args?: unknown): Promise<never> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const isTaken = this.#push(roomOf(args), { kind: "write", name, actor, args: args ?? null, resolve, reject });
    if (!isTaken) reject(new Refusal("unavailable"));
    return promise as Promise<never>;
  }

  read(name: string, actor: Actor, args?: unknown): Promise<never> {
    return this.#readers.read(name, actor, args ?? null) as Promise<never>;
  }

  async readText(name: string, actor: Actor, args: unknown): Promise<string> {
    return JSON.stringify(await this.#readers.read(name, actor, args ?? null));
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(this.#lanes.map((lane) => lane.finish()));
    for (const lane of this.#lanes) lane.close();
    this.#readers.close();
  }

  #push(roomId: number | null, item: Waiting): boolean {
    const lane = this.#lanes[roomId === null ? ROOM_LANES : roomId % ROOM_LANES];
    if (!lane || this.#isClosing || this.#waiting >= QUEUE_MOST) return false;
    this.#waiting += 1;
    lane.push(item);
    return true;
  }
}
