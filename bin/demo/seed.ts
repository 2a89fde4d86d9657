import { join } from "node:path";
import { type Api, createApi } from "#client/api.ts";
import { systemRandom } from "#client/nonce.ts";
import { tokenSession } from "#client/session.ts";
import { parseConfig } from "#server/config.ts";
import { createLog } from "#server/log.ts";
import { startServer } from "#server/server.ts";
import type { Message, Room } from "#shared/models.ts";
import { heldClock } from "./held-clock.ts";
import { parseTalk, type RoomTalk } from "./parse-talk.ts";
import { type Deed, PEOPLE, planDemo } from "./plan.ts";

export const PASSWORD = "fennel-and-soup";

export interface Seeded {
  rooms: number;
  messages: number;
}

/**
 * Fills an empty data folder with the talk, by the same doors as everybody: a server runs on the folder with a clock
 * that is moved from deed to deed, and four real clients do what the files of `talk/` say.
 */
export async function seedDemo(options: {
  dataDir: string;
  now: number;
  progress?: (done: number, all: number) => void;
}): Promise<Seeded> {
  const talks = await readTalks();
  const deeds = planDemo(talks, options.now);
  const clock = heldClock(deeds[0]?.at ?? options.now);
  // Nothing of the environment counts here: a DATABASE_URL there is somebody's real one.
  const env = { HOST: "127.0.0.1", PORT: "0", DATA_DIR: options.dataDir, RATE_LIMITS: "off" };
  const log = createLog("error", clock.now, (line) => process.stderr.write(line));
  const server = await startServer(parseConfig(env), { log, clock, webDir: join(options.dataDir, "no-page") });
  try {
    const cast = new Cast(server.url, clock);
    for (const [index, deed] of deeds.entries()) {
      clock.moveTo(deed.at);
      await cast.play(deed);
      options.progress?.(index + 1, deeds.length);
    }
    clock.moveTo(options.now);
    await cast.leave();
    return { rooms: talks.length, messages: deeds.filter((deed) => deed.kind === "say").length };
  } finally {
    await server.stop();
  }
}

export async function readTalks(): Promise<RoomTalk[]> {
  const folder = join(import.meta.dir, "talk");
  const names = await Array.fromAsync(new Bun.Glob("*.txt").scan(folder));
  return Promise.all(names.sort().map(async (name) => parseTalk(await Bun.file(join(folder, name)).text())));
}

/** Those who play the talk, each with a client and a session of their own. */
class Cast {
  readonly #base: string;
  readonly #clock: ReturnType<typeof heldClock>;
  readonly #people = new Map<string, { id: number; api: Api }>();
  readonly #rooms = new Map<RoomTalk, { room: Room; said: Message[] }>();

  constructor(base: string, clock: ReturnType<typeof heldClock>) {
    this.#base = base;
    this.#clock = clock;
  }

  async play(deed: Deed): Promise<void> {
    switch (deed.kind) {
      case "sign-up":
        return this.#signUp(deed.who);
      case "create-room": {
        const { name, about, kind } = deed.room;
        const room = await this.#person(deed.who).api.createRoom({ name, description: about, kind });
        this.#rooms.set(deed.room, { room, said: [] });
        return;
      }
      case "bring-in": {
        const ids = deed.room.with.map((who) => this.#person(who).id);
        return this.#person(deed.who).api.addMembers(this.#room(deed.room).room.id, ids);
      }
      case "join":
        await this.#person(deed.who).api.joinRoom(this.#room(deed.room).room.id);
        return;
      case "say": {
        const { room, said } = this.#room(deed.room);
        said.push(await this.#person(deed.who).api.sendMessage(room.id, { content: deed.text }));
        return;
      }
      case "react":
        await this.#person(deed.who).api.react(this.#message(deed.room, deed.on).id, deed.emoji, true);
        return;
      case "reply": {
        const { id, room_id } = this.#message(deed.room, deed.on);
        await this.#person(deed.who).api.sendMessage(room_id, { content: deed.text, thread: id });
        return;
      }
      case "pin":
        await this.#person(deed.who).api.pin(this.#message(deed.room, deed.on).id, true);
        return;
      case "read": {
        const { room, said } = this.#room(deed.room);
        const last = said[said.length - 1 - deed.unread];
        if (last) await this.#person(deed.who).api.markRead(room.id, last.seq);
        return;
      }
      default:
        deed satisfies never;
    }
  }

  /** Nobody who logs in later should find sessions that were not theirs. */
  async leave(): Promise<void> {
    for (const { api } of this.#people.values()) await api.logOut();
  }

  async #signUp(who: string): Promise<void> {
    const caller = { base: this.#base, fetch, clock: this.#clock };
    const from = { username: who, password: PASSWORD };
    const api = createApi({ ...caller, session: tokenSession({ ...caller, random: systemRandom, from }) });
    const { id } = await api.signUp({ ...from, email: `${who}@example.org` });
    this.#people.set(who, { id, api });
  }

  #person(who: string) {
    return this.#people.get(who) ?? fault(`${who} is none of ${PEOPLE.join(", ")}`);
  }

  #message(talk: RoomTalk, on: number) {
    return this.#room(talk).said[on] ?? fault(`message ${on} of ${talk.name} is not said yet`);
  }

  #room(talk: RoomTalk) {
    return this.#rooms.get(talk) ?? fault(`${talk.name} is not made yet`);
  }
}

function fault(what: string): never {
  throw new Error(`The talk cannot be played: ${what}.`);
}
