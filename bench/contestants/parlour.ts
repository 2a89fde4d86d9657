import { type Api, createApi } from "#client/api.ts";
import { call } from "#client/call.ts";
import { systemClock } from "#client/clock.ts";
import { systemRandom } from "#client/nonce.ts";
import { type Session, tokenSession } from "#client/session.ts";
import type { Dialect, Group } from "../load.ts";
import type { Contestant, Place, Server, Shape } from "./contestant.ts";
import { fillRoom } from "./fill-room.ts";
import { startPostgres } from "./postgres.ts";
import { startProcess } from "./process.ts";

/** Everything on: accounts, sessions, membership, the stored log, nonces, real frames. Only the rate limits are off. */
export const parlour: Contestant = {
  name: "Parlour",
  about: "everything on (session, membership, stored and flushed log, nonces, real frames); RATE_LIMITS=off",
  stores: true,
  start: (place) => startParlour(place, {}, async () => {}),
};

/** The same over PostgreSQL, which has the load client's processor beside it. */
export const parlourOnPostgres: Contestant = {
  name: "Parlour, PostgreSQL",
  about:
    "the same on PostgreSQL as Debian sets it up (fsync on), on the load client's core; its time counts among others",
  stores: true,
  async start(place) {
    const postgres = await startPostgres(place.cores);
    const server = await startParlour(place, { DATABASE_URL: postgres.url }, postgres.stop);
    return { ...server, besideLoad: true };
  },
};

async function startParlour(place: Place, more: Record<string, string>, after: () => Promise<void>): Promise<Server> {
  const running = await startProcess(place, (at, directory) => ({
    words: [process.execPath, `${import.meta.dir}/../../bin/parlour.ts`, "start"],
    env: { HOST: "127.0.0.1", PORT: String(at), DATA_DIR: directory, RATE_LIMITS: "off", LOG_LEVEL: "warn", ...more },
  }));
  const { pid, port } = running;
  const stop = async () => {
    await running.stop();
    await after();
  };
  try {
    const base = `http://127.0.0.1:${port}`;
    // One after the other: hashing a password is slow on purpose, and only two are hashed at once.
    const people: Person[] = [];
    for (let number = 0; number < PEOPLE; number++) people.push(await signUp(base, `bench-${number}`));
    const dialect: Dialect = { port, answers: "ack", order: "seq", delivery: '{"type":"message"' };
    return { pid, dialect, stop, ...house(people, running.directory) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Many sockets share one person, as many tabs and devices do. */
const PEOPLE = 8;

interface Person {
  api: Api;
  session: Session;
}

async function signUp(base: string, username: string): Promise<Person> {
  const caller = { base, fetch, clock: systemClock };
  const password = `${username} has a long password`;
  await call(caller, "POST", "/api/v1/signup", { body: { username, password } });
  const session = tokenSession({ ...caller, random: systemRandom, from: { username, password } });
  return { session, api: createApi({ ...caller, session }) };
}

function house(people: Person[], directory: string): Pick<Server, "gather" | "idlers" | "callers" | "readers"> {
  let rooms = 0;
  let shared = 0;
  const makeRoom = (by: Person) => by.api.createRoom({ name: `bench ${rooms++}` });

  async function gatherRoom(room: number, shape: Shape): Promise<Group[]> {
    const present = people.slice(0, Math.max(1, Math.min(PEOPLE, shape.members)));
    const made = await makeRoom(people[0]!);
    for (const person of present.slice(1)) await person.api.joinRoom(made.id);
    const page = await people[0]!.api.messages(made.id, { limit: 1 });
    const open = JSON.stringify({ type: "open", room_id: made.id, epoch: page.epoch, seq: page.seq });
    const steps = [...hello, { say: open }, { await: '"type":"opened"' }];
    const message = `{"type":"send","room_id":${made.id},"nonce":"$nonce","content":"$content"}`;
    const group = async (person: Person, count: number, more: Partial<Group> = {}): Promise<Group> => ({
      ...(await socketOf(person)),
      room,
      count,
      steps,
      ...more,
    });
    const { senders, members, inFlight, stalled = 0 } = shape;
    const silent = members - senders;
    return Promise.all([
      ...spread(senders, present).map(([person, count]) => group(person, count, { sender: { inFlight, message } })),
      // The last of the people first, so that two members of a small room are two people.
      ...spread(silent, present.toReversed()).map(([person, count]) => group(person, count)),
      ...spread(stalled, present).map(([person, count]) => group(person, count, { stalls: true })),
    ]);
  }

  let deep: Promise<number> | undefined;

  return {
    async gather(shape) {
      const groups: Group[] = [];
      for (let room = 0; room < shape.rooms; room++) groups.push(...(await gatherRoom(room, shape)));
      return groups;
    },

    async idlers(count, roomsEach) {
      for (; shared < roomsEach; shared++) {
        const made = await makeRoom(people[0]!);
        for (const person of people.slice(1)) await person.api.joinRoom(made.id);
      }
      return Promise.all(
        spread(count, people).map(async ([person, share]) => ({
          ...(await socketOf(person)),
          room: 0,
          count: share,
          steps: hello,
        })),
      );
    },

    async callers(count) {
      const groups: Group[] = [];
      for (let number = 0; number < count; number++) {
        const made = await makeRoom(people[0]!);
        const path = `/api/v1/rooms/${made.id}`;
        const guest = people[1 + (number % (PEOPLE - 1))]!;
        const changes = number % 4 === 0;
        groups.push({
          count: 1,
          room: 0,
          ...(await socketOf(changes ? people[0]! : guest)),
          requests: changes
            ? ["a room", "the same room"].map((description) => ({ method: "PATCH", path, body: { description } }))
            : ["join", "leave"].map((verb) => ({ method: "POST", path: `${path}/${verb}` })),
        });
      }
      return groups;
    },

    async readers(count, messages) {
      const reader = people[0]!;
      deep ??= makeRoom(reader).then(({ id }) => fillRoom(directory, id, messages).then(() => id));
      const path = `/api/v1/rooms/${await deep}/messages?limit=50&before=`;
      return Promise.all(
        Array.from({ length: count }, async () => ({
          count: 1,
          room: 0,
          ...(await socketOf(reader)),
          requests: Array.from({ length: PLACES }, () => ({
            method: "GET",
            path: path + (2 + Math.floor(Math.random() * messages)),
          })),
        })),
      );
    },
  };
}

/** More than a cache of a client's would ever hold. */
const PLACES = 500;

const hello = [{ say: '{"type":"hello"}' }, { await: '"type":"ready"' }];

async function socketOf(person: Person) {
  return { path: "/ws", headers: [`Authorization: Bearer ${await person.session.accessToken()}`] };
}

function spread(count: number, people: Person[]): [Person, number][] {
  return people
    .map((person, index): [Person, number] => [person, Math.floor((count + people.length - 1 - index) / people.length)])
    .filter(([, share]) => share > 0);
}
