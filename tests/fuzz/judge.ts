import { isDeepStrictEqual } from "node:util";
import type { Chat } from "#client/chat.ts";
import type { Message } from "#shared/models.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type ReplicaState, stateOf } from "#tests/support/replica-state.ts";
import { openStored, type Stored } from "#tests/support/stored.ts";
import { checkHistory, describeFaults, type Verdict } from "./check-history.ts";
import { type Held, shownBy, type World } from "./world.ts";

/** Lets everything come to rest and holds all against each other: devices, new devices, the wire and what is stored. */
export async function judge(world: World): Promise<{ faults: string[]; verdict: Verdict }> {
  await using stored = await openStored(world.server);
  const faults: string[] = [];
  await findRooms(world, stored);
  faults.push(...(await settle(world)), ...(await againstNewDevices(world)), ...(await againstStored(world, stored)));
  faults.push(...(await readInFull(world, stored)), ...(await heardByRight(world, stored)));
  const verdict = checkHistory(world.recorder.history);
  if (!verdict.valid) faults.push(describeFaults(verdict));
  if (verdict.acknowledged === 0) faults.push("nothing was acknowledged, so nothing was proved");
  return { faults: [...world.recorder.faults, ...faults], verdict };
}

/** Whoever made a room and lost the answer did not learn its id. */
async function findRooms({ rooms }: World, stored: Stored): Promise<void> {
  const made = await stored.rows<{ id: number }>("SELECT id FROM rooms ORDER BY id");
  for (const { id } of made) if (!rooms.includes(id)) rooms.push(id);
}

/** Everybody is online again, and has nothing left to send. */
async function settle(world: World): Promise<string[]> {
  for (const { chat } of world.devices) chat.online();
  const unsettled = () =>
    world.devices.flatMap(({ name, chat }) => {
      const left = world.rooms.flatMap((room) => {
        const threads = [...(world.roots.get(room) ?? [])].flatMap((root) => chat.thread(room, root).pending);
        return [...chat.room(room).pending, ...threads].filter((send) => typeof send.state === "string");
      });
      const later = [...chat.replica.scheduled.values()].filter(({ state }) => state === "waiting");
      const loading = shownBy(chat).filter((room) => chat.room(room).status === "loading");
      if (chat.line.state !== "live") return [`${name} is ${chat.line.state}`];
      return left.length + later.length + loading.length > 0
        ? [`${name} has ${left.length} sends left, ${later.length} for later, loads ${loading.join(" ")}`]
        : [];
    });
  return within(patience(world, 20_000), () => unsettled());
}

async function againstNewDevices(world: World): Promise<string[]> {
  const faults: string[] = [];
  for (const held of world.devices) {
    faults.push(...(await againstNewDevice(world, held)));
    if (faults.length > 3) break;
  }
  return faults;
}

async function againstNewDevice(world: World, { by, chat, name }: Held): Promise<string[]> {
  const rooms = shownBy(chat);
  const { chat: fresh } = deviceOf(by, world.server.url, { keepOpen: 50 });
  fresh.start();
  for (const room of rooms) {
    await fresh.openRoom(room);
    if (chat.replica.logs.get(room)?.members) await fresh.loadMembers(room);
    for (const root of chat.replica.logs.get(room)?.threads.keys() ?? []) await fresh.openThread(room, root);
  }
  const faults = await within(patience(world, 6_000), () => {
    if (fresh.line.state !== "live") return [`the new device of ${name} is ${fresh.line.state}`];
    return differences(alike(chat, fresh, rooms), alike(fresh, chat, rooms)).map((what) => `${name}: ${what}`);
  });
  fresh.stop();
  return faults;
}

/** Messages that one of the two has not loaded are not compared here: what is stored is held against all of them. */
function alike(chat: Chat, other: Chat, rooms: readonly number[]): ReplicaState {
  const state = stateOf(chat, rooms);
  for (const [id, log] of Object.entries(state.logs)) {
    const others = other.replica.logs.get(Number(id));
    const first = others?.messages[0]?.seq ?? 0;
    if (typeof log !== "object") continue;
    log.messages = log.messages.filter((message) => message.seq >= first);
    const isWhole = others === undefined || others.before === null;
    log.happenings = log.happenings.filter((happening) => isWhole || happening.seq >= first);
    for (const [root, thread] of Object.entries(log.threads)) {
      const from = others?.threads.get(Number(root))?.messages[0]?.seq ?? 0;
      thread.messages = thread.messages.filter((message) => message.seq >= from);
    }
  }
  return state;
}

function differences(old: ReplicaState, fresh: ReplicaState): string[] {
  const found: string[] = [];
  const compare = (path: string, a: unknown, b: unknown) => {
    if (isDeepStrictEqual(a, b)) return;
    if (isRecord(a) && isRecord(b)) {
      for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) compare(`${path}.${name}`, a[name], b[name]);
    } else found.push(`${path} is ${JSON.stringify(a)}, a new device has ${JSON.stringify(b)}`);
  };
  compare("replica", old, fresh);
  return found.slice(0, 4);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

interface LogRow {
  room_id: number;
  seq: number;
  kind: string;
  content: string | null;
  n: number | null;
  user_id: number | null;
  thread: number | null;
}

const rowsOf = (stored: Stored, room: number) =>
  stored.rows<LogRow>(
    `SELECT l.room_id, l.seq, l.kind, m.content, m.n, m.user_id, m.thread FROM log l
       LEFT JOIN messages m ON l.kind IN ('message', 'thread.replied') AND m.id = l.subject WHERE l.room_id = ? ORDER BY l.seq`,
    room,
  );

interface Head {
  seq: number;
  n: number;
  deleted_at: number | null;
}

interface RangeRow {
  from_seq: number;
  to_seq: number | null;
}

/** What of a room a person may see, by what is stored. */
async function mayHear(stored: Stored, room: number, userId: number): Promise<(seq: number) => boolean> {
  const [found] = await stored.rows<{ kind: string }>("SELECT kind FROM rooms WHERE id = ?", room);
  if (found?.kind === "public") return () => true;
  const ranges = await stored.rows<RangeRow>(
    "SELECT from_seq, to_seq FROM visible_ranges WHERE room_id = ? AND user_id = ?",
    room,
    userId,
  );
  return (seq) => ranges.some((range) => range.from_seq <= seq && seq <= (range.to_seq ?? Number.MAX_SAFE_INTEGER));
}

/** Every log that a device shows has each message that is stored, in its place, and no other. */
async function againstStored(world: World, stored: Stored): Promise<string[]> {
  const faults: string[] = [];
  for (const { by, chat, name } of world.devices) {
    for (const room of shownBy(chat)) {
      const rows = await rowsOf(stored, room);
      const sees = await mayHear(stored, room, by.id);
      const log = chat.replica.logs.get(room);
      if (!log) continue;
      const first = log.before === null ? 0 : (log.messages[0]?.seq ?? log.seq + 1);
      const there = rows.filter((row) => row.kind === "message" && row.seq >= first && sees(row.seq));
      const shown = log.messages.map(inShort).join("\n");
      const wanted = there.map(inShort).join("\n");
      if (shown !== wanted) faults.push(`${name} shows in ${room}:\n${shown}\nand stored is:\n${wanted}`);
      for (const [root, thread] of log.threads) {
        const from = thread.before === null ? 0 : (thread.messages[0]?.seq ?? log.seq + 1);
        const replies = rows.filter((row) => row.thread === root && row.seq >= from && sees(row.seq));
        const [here, stays] = [thread.messages.map(inShort).join("\n"), replies.map(inShort).join("\n")];
        if (here !== stays) faults.push(`${name} shows in thread ${root}:\n${here}\nand stored is:\n${stays}`);
      }
    }
  }
  return faults;
}

function inShort({ seq, n, user_id, content }: LogRow | Message): string {
  return `${seq} ${n} ${user_id} ${content}`;
}

/** All that is stored is read to the end, as the last reader of the history. Also: no hole in any numbering. */
async function readInFull({ recorder, rooms, server }: World, stored: Stored): Promise<string[]> {
  const faults: string[] = [];
  const t0 = recorder.now();
  for (const room of rooms) {
    const rows = await rowsOf(stored, room);
    const items = rows.map((row) => {
      const isSaid = row.kind === "message" || row.kind === "thread.replied";
      const said = isSaid ? recorder.idOf({ ...row, content: row.content ?? "" }) : null;
      const id = said ?? recorder.event(room, row.seq, row.kind);
      return [row.seq, id] as const;
    });
    recorder.history.push({ op: "read", p: "file", room, node: "file", t0, t: recorder.now(), final: true, items });
    const numbers = rows.filter((row) => row.kind === "message").map((row) => row.n);
    const [head] = await stored.rows<Head>("SELECT seq, n, deleted_at FROM rooms WHERE id = ?", room);
    // What a deleted room held is swept away in time.
    const isOff = (n: number | null, at: number) => n !== at + 1 && !(n === null && head?.deleted_at !== null);
    if (numbers.some(isOff)) faults.push(`the messages of ${room} are numbered ${numbers.join(" ")}`);
    for (const [root, replies] of Map.groupBy(rows, (row) => row.thread)) {
      if (root !== null && replies.some(({ n }, at) => isOff(n, at))) faults.push(`the thread ${root} is not numbered`);
    }
    if (head?.seq !== rows.length || head.n !== numbers.length) faults.push(`the head of ${room} is not its log's end`);
  }
  if (server.databaseUrl !== null) return faults;
  const [checked] = await stored.rows<{ integrity_check: string }>("PRAGMA integrity_check");
  if (checked?.integrity_check !== "ok") faults.push(`the file is damaged: ${checked?.integrity_check}`);
  return faults;
}

/** Nothing of a private room came to anybody who was not in it at that seq. */
async function heardByRight({ recorder, people }: World, stored: Stored): Promise<string[]> {
  const faults: string[] = [];
  for (const { id, username } of people) {
    for (const [room, seqs] of recorder.heardBy.get(username) ?? []) {
      const sees = await mayHear(stored, room, id);
      const leaked = [...seqs].filter((seq) => !sees(seq));
      if (leaked.length > 0) faults.push(`${username} heard of ${room}, unseen by right: ${leaked.join(" ")}`);
    }
  }
  return faults;
}

/** Where a fault was put in there is nothing to wait for. */
function patience({ plant }: World, ms: number): number {
  return plant.wire || plant.server ? 1_000 : ms;
}

/** What is still wrong when the time is up. */
async function within(ms: number, wrong: () => string[]): Promise<string[]> {
  let last: string[] = [];
  await eventually(() => {
    last = wrong();
    if (last.length > 0) throw new Error("not yet");
  }, ms).catch(() => {});
  return last;
}
