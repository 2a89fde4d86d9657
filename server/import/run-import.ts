import type { Admission } from "./admit-many.ts";
import type { Became, Step } from "./import-batch.ts";
import type { Here, KnownImport } from "./known-imports.ts";
import { type People, planMessage } from "./plan-messages.ts";
import { planRooms } from "./plan-rooms.ts";
import { type PlannedUser, planFormerUser, planUsers, type Taken } from "./plan-users.ts";
import type { Progress } from "./progress.ts";
import { allRows, distinct, has, pages, type Reading, roomRows } from "./read-source.ts";
import { MessageIds, namesOf } from "./references.ts";
import type { Note, Report } from "./rules.ts";
import { HIGHEST_KEPT, idOf, keptId, type SourceRow } from "./source.ts";
import { newState, readState, type State, writeState } from "./state.ts";

/** Where an import goes: the store, or nowhere in a dry run. */
export interface Goal {
  readonly here: Here;
  readonly keepIds: boolean;
  readonly known: KnownImport | null;
  /** What was imported in an earlier run. */
  ids(kind: "user" | "room" | "message"): Promise<Map<string, number | null>>;
  /** Does one step; resolves when it is stored. */
  bring(step: Step, state: string): Promise<Became>;
}

interface Given {
  readonly now: number;
  readonly admins: readonly string[];
  readonly progress: Progress;
}

const USERS_AT_ONCE = 1_000;
const MEMBERS_AT_ONCE = 10_000;

/** Brings everything of a source that is not here yet, step by step, each of which is there whole or not at all. */
export async function runImport(reading: Reading, goal: Goal, given: Given): Promise<Report> {
  const run = new Run(reading, goal, given);
  await run.users();
  await run.rooms();
  await run.members();
  await run.messages();
  await run.finish();
  given.progress.end();
  return run.state.report;
}

class Run {
  readonly state: State;
  readonly #reading: Reading;
  readonly #goal: Goal;
  readonly #given: Given;
  readonly #users = new Map<string, number>();
  readonly #rooms = new Map<string, number>();
  readonly #goneRooms = new Set<string>();
  /** For messages that name people and rooms by their names: to their ids. */
  #userNames = new Map<string, string>();
  #roomNames = new Map<string, string>();
  readonly #makers = new Map<string, number>();
  readonly #made = new Map<string, number>();
  #former = 0;
  #hasNew = false;

  constructor(reading: Reading, goal: Goal, given: Given) {
    this.#reading = reading;
    this.#goal = goal;
    this.#given = given;
    this.state = goal.known ? readState(goal.known.state) : newState(given.now);
  }

  async users(): Promise<void> {
    for (const [sourceId, id] of await this.#goal.ids("user")) if (id !== null) this.#users.set(sourceId, id);
    const { here, keepIds } = this.#goal;
    const taken: Taken = { names: new Set(here.names), emails: new Set(here.emails), logins: new Set(here.logins) };
    const all = await allRows(this.#reading, "users");
    this.#userNames = namesOf(all, "username");
    const rows = this.#fresh(all, this.#users);
    const { now, admins } = this.#given;
    const planned = planUsers(rows, taken, {
      now,
      keepIds,
      isNamedAdmin: (name) => admins.includes(name),
      has: has(this.#reading, "users"),
    });
    if ((await this.#isSomebodyGone(planned)) && !this.#users.has("")) planned.push(planFormerUser(taken, now));
    for (let from = 0; from < planned.length; from += USERS_AT_ONCE) {
      const batch = planned.slice(from, from + USERS_AT_ONCE);
      this.#hasNew = true;
      this.state.report.counts.users += batch.filter(({ sourceId }) => sourceId !== "").length;
      this.#note(batch);
      const users = batch.map(({ notes: _, ...user }) => user);
      const became = await this.#bring({ kind: "users", users });
      for (const [sourceId, id] of became) this.#users.set(sourceId, id);
      this.#noteMoved("user", users, became);
      this.#given.progress.at("users", from + batch.length, rows.length);
    }
    this.#former = this.#users.get("") ?? 0;
  }

  async rooms(): Promise<void> {
    for (const [sourceId, id] of await this.#goal.ids("room")) {
      if (id !== null) this.#rooms.set(sourceId, id);
      else this.#goneRooms.add(sourceId);
    }
    const all = await roomRows(this.#reading);
    const known = new Set([...this.#rooms.keys(), ...this.#goneRooms]);
    const planned = planRooms(this.#fresh(all, known), new Set(this.#goal.here.rooms), {
      now: this.#given.now,
      keepIds: this.#goal.keepIds,
      userOf: (sourceId) => this.#userOf(sourceId),
      has: has(this.#reading, "rooms"),
    });
    this.#roomNames = await this.#namesInUse(all);
    for (const row of all) {
      const maker = this.#userOf(idOf(row.maker) ?? "");
      if (maker !== undefined) this.#makers.set(idOf(row.id) ?? "", maker);
    }
    for (let from = 0; from < planned.length; from += USERS_AT_ONCE) {
      const batch = planned.slice(from, from + USERS_AT_ONCE);
      this.#hasNew = true;
      this.state.report.counts.rooms += batch.length;
      this.#note(batch);
      const rooms = batch.map(({ notes: _, ...room }) => room);
      const became = await this.#bring({ kind: "rooms", rooms });
      for (const [sourceId, id] of became) this.#rooms.set(sourceId, id);
      this.#noteMoved("room", rooms, became);
      for (const { sourceId, createdAt } of rooms) this.#made.set(sourceId, createdAt);
      this.#given.progress.at("rooms", from + batch.length, planned.length);
    }
  }

  /** Whoever made a room, wrote in it or is listed in it is in it: one event a room, before its messages. */
  async members(): Promise<void> {
    if (this.#goal.known?.finished && !this.#hasNew && !(await this.#hasNewMessages())) return;
    const wanted = new Map<string, Set<number>>();
    const add = (room: string | null, user: number | undefined) => {
      if (room === null || user === undefined) return;
      const people = wanted.get(room) ?? new Set();
      wanted.set(room, people.add(user));
    };
    for (const [room, maker] of this.#makers) add(room, maker);
    for (const [room, user] of await distinct(this.#reading, "members", ["room", "user"])) {
      add(idOf(room), this.#userOf(idOf(user) ?? ""));
    }
    for (const [room, user] of await distinct(this.#reading, "messages", ["room", "user"])) {
      add(this.#roomIdOf(idOf(room)), this.#authorOf(idOf(user) ?? ""));
    }
    let rooms: Admission[] = [];
    let people = 0;
    for (const [sourceId, members] of wanted) {
      const roomId = this.#rooms.get(sourceId);
      if (roomId === undefined) continue;
      const admin = this.#makers.get(sourceId) ?? null;
      const at = this.#made.get(sourceId) ?? this.#given.now;
      rooms.push({ roomId, userIds: [...members].sort((a, b) => a - b), admin, at });
      people += members.size;
      if (people < MEMBERS_AT_ONCE) continue;
      await this.#bring({ kind: "members", rooms });
      rooms = [];
      people = 0;
    }
    if (rooms.length > 0) await this.#bring({ kind: "members", rooms });
  }

  async messages(): Promise<void> {
    const { keepIds } = this.#goal;
    const table = this.#reading.mapping.messages;
    const all = await this.#reading.source.count(table.name);
    const done = await this.#goal.ids("message");
    const people: People = {
      now: this.#given.now,
      keepIds,
      lastAt: this.state.lastAt,
      userOf: (named) => this.#authorOf(named),
      roomOf: (named) => this.#rooms.get(this.#roomIdOf(named) ?? ""),
      former: this.#former,
    };
    const { id = "id" } = table.columns;
    const above = keepIds ? Math.min(await this.#reading.source.highest(table.name, id), HIGHEST_KEPT) : 0;
    let seen = 0;
    let written: Promise<unknown> = Promise.resolve();
    const ids = new MessageIds(done);
    for await (const found of pages(this.#reading, "messages", this.state.after)) {
      const rows = found.filter((row) => ids.isNew(row, () => this.#noteRepeated(row)));
      if (rows.length === 0) continue;
      const left: string[] = [];
      const messages = rows.flatMap((row) => {
        const planned = planMessage(row, people, (...note) => this.state.report.note(note));
        if (planned === null) left.push(idOf(row.id) ?? "");
        return planned ?? [];
      });
      const last = keptId(idOf(rows.at(-1)?.id) ?? "");
      this.state.after = last ?? this.state.after;
      this.state.lastAt = people.lastAt;
      this.state.report.counts.messages += messages.length;
      // A place among ids that are no numbers says nothing: those rows are remembered one by one.
      const isPlace = last !== null;
      const step: Step = {
        kind: "messages",
        messages,
        above,
        remember: !keepIds || !isPlace,
        left: isPlace ? [] : left,
        isLater: this.#goal.known?.finished === true,
      };
      // The next page is read and looked at while this one is written.
      await written;
      written = this.#bring(step).then((became) => this.#noteMoved("message", messages, became));
      written.catch(() => {});
      seen += rows.length;
      this.#given.progress.at("messages", seen, all);
    }
    await written;
  }

  async finish(): Promise<void> {
    if (!this.#goal.known?.finished) await this.#bring({ kind: "finish" });
  }

  #bring(step: Step): Promise<Became> {
    return this.#goal.bring(step, writeState(this.state));
  }

  #roomIdOf(named: string | null): string | null {
    if (named === null || this.#roomNames.size === 0) return named;
    return this.#roomNames.get(named) ?? null;
  }

  #authorOf(named: string): number | undefined {
    return this.#userOf(this.#userNames.size === 0 ? named : (this.#userNames.get(named) ?? ""));
  }

  #userOf(sourceId: string): number | undefined {
    return sourceId === "" ? undefined : this.#users.get(sourceId);
  }

  /** Rows that are not here yet, each id once. */
  #fresh(rows: readonly SourceRow[], known: { has(id: string): boolean }): SourceRow[] {
    const seen = new Set<string>();
    return rows.filter((row) => {
      const id = idOf(row.id);
      if (id !== null && known.has(id)) return false;
      if (id === null || seen.has(id)) {
        this.#noteRepeated(row);
        return false;
      }
      seen.add(id);
      return true;
    });
  }

  #noteRepeated(row: SourceRow): void {
    this.state.report.note(["id-repeated", idOf(row.id) ?? "none"]);
  }

  #note(batch: readonly { notes: readonly Note[] }[]): void {
    for (const { notes } of batch) this.state.report.note(...notes);
  }

  /**
   * Messages name their authors by their ids or by their names: whichever leaves fewer unknown. Says whether that leaves
   * any.
   */
  async #isSomebodyGone(planned: readonly PlannedUser[]): Promise<boolean> {
    const authors = await distinct(this.#reading, "messages", ["user"]);
    const unknownAmong = (known: { has(id: string): boolean }) =>
      authors.filter(([author]) => !known.has(idOf(author) ?? "")).length;
    const ids = new Set([...this.#users.keys(), ...planned.map(({ sourceId }) => sourceId)]);
    ids.delete("");
    const byId = unknownAmong(ids);
    const byName = unknownAmong(this.#userNames);
    if (byId <= byName) this.#userNames.clear();
    return Math.min(byId, byName) > 0;
  }

  /** The names of rooms, where messages name rooms by those and not by their ids. */
  async #namesInUse(all: readonly SourceRow[]): Promise<Map<string, string>> {
    const names = namesOf(all, "name");
    const ids = new Set(all.map((row) => idOf(row.id)));
    const named = await distinct(this.#reading, "messages", ["room"]);
    const fit = (known: { has(id: string): boolean }) => named.filter(([room]) => known.has(idOf(room) ?? "")).length;
    return fit(names) > fit({ has: (id) => ids.has(id) }) ? names : new Map();
  }

  async #hasNewMessages(): Promise<boolean> {
    const done = await this.#goal.ids("message");
    for await (const rows of pages(this.#reading, "messages", this.state.after)) {
      if (rows.some((row) => !done.has(idOf(row.id) ?? ""))) return true;
    }
    return false;
  }

  #noteMoved(what: string, planned: readonly { sourceId: string; id: number | null }[], became: Became): void {
    if (!this.#goal.keepIds) return;
    const own = new Map(became);
    for (const { sourceId, id } of planned) {
      const now = own.get(sourceId);
      if (id !== null && now !== undefined && now !== id)
        this.state.report.note(["id-taken", `${what} ${sourceId} → ${now}`]);
    }
  }
}
