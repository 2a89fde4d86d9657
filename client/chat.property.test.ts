import { expect, test } from "bun:test";
import fc from "fast-check";
import type { ErrorCode } from "#shared/errors.ts";
import type { ServerFrame } from "#shared/frames.ts";
import type { Message } from "#shared/models.ts";
import type { Chat } from "./chat.ts";
import { FakeStorage, fakeChat, fakeRandom } from "./fakes/chat.ts";
import { FakeClock } from "./fakes/clock.ts";
import { FakeServer } from "./fakes/server.ts";

const ANN = 1;
const BEN = 2;
const ROOMS = [7, 8, 9];

/** What can happen to a client. Times are milliseconds. */
type Happening =
  | { is: "send"; room: number }
  | { is: "post"; room: number; count: number }
  | { is: "open"; room: number }
  | { is: "read"; room: number }
  | { is: "older"; room: number }
  | { is: "newer"; room: number }
  | { is: "seek"; room: number; back: number }
  | { is: "newest"; room: number }
  | { is: "wait"; ms: number }
  | { is: "cut" }
  | { is: "silence" }
  | { is: "down"; ms: number }
  | { is: "lose"; what: "ack" | "message" | "opened" | "any"; count: number }
  | { is: "repeat"; count: number }
  | { is: "refuse"; code: ErrorCode; count: number }
  | { is: "hide"; room: number }
  | { is: "reload" }
  | { is: "epoch" }
  | { is: "expire" }
  | { is: "signal"; which: "wake" | "online" | "offline" };

const room = fc.constantFrom(...ROOMS);
const count = fc.integer({ min: 1, max: 6 });
const is = <Name extends string>(name: Name) => fc.constant(name);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ is: is("send"), room }) },
  { weight: 6, arbitrary: fc.record({ is: is("post"), room, count }) },
  {
    weight: 8,
    arbitrary: fc.record({
      is: is("wait"),
      ms: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 40_000 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ is: is("open"), room }) },
  { weight: 2, arbitrary: fc.record({ is: is("read"), room }) },
  { weight: 2, arbitrary: fc.record({ is: is("older"), room }) },
  { weight: 2, arbitrary: fc.record({ is: is("newer"), room }) },
  { weight: 3, arbitrary: fc.record({ is: is("seek"), room, back: fc.integer({ min: 0, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ is: is("newest"), room }) },
  { weight: 4, arbitrary: fc.record({ is: is("cut") }) },
  { weight: 2, arbitrary: fc.record({ is: is("silence") }) },
  { weight: 2, arbitrary: fc.record({ is: is("down"), ms: fc.integer({ min: 1, max: 60_000 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ is: is("lose"), what: fc.constantFrom("ack", "message", "opened", "any"), count }),
  },
  { weight: 3, arbitrary: fc.record({ is: is("repeat"), count }) },
  {
    weight: 3,
    arbitrary: fc.record({ is: is("refuse"), code: fc.constantFrom("rate_limited", "unavailable", "internal"), count }),
  },
  { weight: 1, arbitrary: fc.record({ is: is("hide"), room }) },
  { weight: 2, arbitrary: fc.record({ is: is("reload") }) },
  { weight: 1, arbitrary: fc.record({ is: is("epoch") }) },
  { weight: 1, arbitrary: fc.record({ is: is("expire") }) },
  { weight: 2, arbitrary: fc.record({ is: is("signal"), which: fc.constantFrom("wake", "online", "offline") }) },
);

class World {
  readonly clock = new FakeClock();
  readonly server = new FakeServer(this.clock);
  readonly storage = new FakeStorage();
  readonly written = new Map<number, string[]>(ROOMS.map((id) => [id, []]));
  readonly faults: string[] = [];
  chat: Chat;
  #epochs = 1;
  #reloads = 0;
  #losing = { what: "any", left: 0 };
  #repeating = 0;

  constructor() {
    this.server.addUser(ANN, "ann");
    this.server.addUser(BEN, "ben");
    for (const id of ROOMS) this.server.addRoom(id, `room ${id}`, [ANN, BEN]);
    this.server.resumePerRoom = 12;
    this.server.pageMost = 5;
    this.server.network.arrivals = (frame) => this.#arrivals(frame);
    this.chat = this.#newChat();
  }

  async happen(what: Happening): Promise<void> {
    const { server, chat, clock } = this;
    switch (what.is) {
      case "send": {
        const written = this.written.get(what.room) ?? [];
        // The same words again and again are different messages.
        const content = written.length % 3 === 0 ? "ok" : `ann ${what.room} ${written.length}`;
        written.push(content);
        chat.send(what.room, content);
        break;
      }
      case "post":
        for (let at = 0; at < what.count; at++) server.post(what.room, BEN, `ben ${server.place(what.room).seq}`);
        break;
      case "open":
        void chat.openRoom(what.room);
        break;
      case "older":
        void chat.loadOlder(what.room);
        break;
      case "newer":
        void chat.loadNewer(what.room);
        break;
      case "seek": {
        const sought = server.messages(what.room).at(-what.back);
        if (sought) void chat.seek(what.room, sought.id);
        break;
      }
      case "newest":
        chat.toNewest(what.room);
        break;
      case "read":
        chat.markRead(what.room, chat.room(what.room).log?.seq ?? 0);
        break;
      case "wait":
        await clock.advance(what.ms);
        break;
      case "cut":
        server.network.cut();
        break;
      case "silence":
        server.network.fallSilent();
        break;
      case "down":
        server.network.isDown = true;
        server.network.cut();
        await clock.advance(what.ms);
        server.network.isDown = false;
        break;
      case "lose":
        this.#losing = { what: what.what, left: what.count };
        break;
      case "repeat":
        this.#repeating = what.count;
        break;
      case "refuse":
        server.refusals.push(...Array<ErrorCode>(what.count).fill(what.code));
        break;
      case "hide":
        server.hide(what.room);
        break;
      case "reload":
        chat.stop();
        this.chat = this.#newChat();
        break;
      case "epoch":
        this.#epochs += 1;
        server.restore(`epoch-${this.#epochs}`);
        break;
      case "expire":
        server.expireTokens();
        break;
      case "signal":
        chat[what.which]();
        break;
      default:
        what satisfies never;
    }
    this.#look();
  }

  /** All faults end, the line is cut once more, and there is time to come to rest. */
  async end(): Promise<void> {
    this.#losing.left = 0;
    this.#repeating = 0;
    this.server.refusals.length = 0;
    this.chat.online();
    this.server.network.cut();
    await this.clock.advance(180_000);
    for (const id of ROOMS) void this.chat.openRoom(id);
    await this.clock.advance(60_000);
    this.#look();
  }

  #newChat(): Chat {
    this.#reloads += 1;
    const random = fakeRandom(this.#reloads);
    const chat = fakeChat(this.server, this.clock, { queue: this.storage, random, keepOpen: 2 });
    chat.on((notice) => {
      if (notice.type !== "event") return;
      const log = chat.replica.logs.get(notice.event.room_id);
      if (log?.seq !== notice.event.seq) this.faults.push(`event ${notice.event.seq} told at ${log?.seq}`);
    });
    chat.start();
    void chat.openRoom(7);
    void chat.openRoom(8);
    return chat;
  }

  /** At every moment: what is shown is a run of the server's log without holes, and nothing stands there twice. */
  #look(): void {
    for (const id of ROOMS) {
      const { log, pending } = this.chat.room(id);
      const sent = this.written
        .get(id)
        ?.filter((content) => !this.storage.items.some((item) => item.content === content));
      const nonces = pending.map((send) => send.nonce);
      if (new Set(nonces).size !== nonces.length) this.faults.push("a send is pending twice");
      if (!log) continue;
      if (!this.#isRun(id, log.messages, log.seq)) this.faults.push(`room ${id} is not the server's`);
      const past = log.past?.messages ?? [];
      if (!this.#isRun(id, past, past.at(-1)?.seq ?? 0)) this.faults.push(`the past of room ${id} is not the server's`);
      if (log.past && (past.at(-1)?.seq ?? 0) >= (log.messages[0]?.seq ?? 0))
        this.faults.push("past and present overlap");
      const shown = new Set([...log.messages, ...pending].map((item) => item.content));
      const isWhole = log.before === null;
      for (const content of sent ?? []) {
        if (isWhole && !shown.has(content)) this.faults.push(`${content} was acknowledged and is not shown`);
      }
    }
  }

  #isRun(id: number, messages: readonly Message[], upTo: number): boolean {
    const first = messages[0]?.seq ?? 0;
    const there = this.server.messages(id).filter(({ seq }) => seq >= first && seq <= upTo);
    return JSON.stringify(messages) === JSON.stringify(there);
  }

  #arrivals(frame: ServerFrame): number {
    const isLost = this.#losing.what === "any" || this.#losing.what === frame.type;
    if (isLost && this.#losing.left > 0) {
      this.#losing.left -= 1;
      return 0;
    }
    if (this.#repeating === 0) return 1;
    this.#repeating -= 1;
    return 2;
  }
}

test("whatever is cut, lost, doubled, refused or reloaded, no send and no event is lost or doubled", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 60, size: "max" }), async (happenings) => {
      const world = new World();
      for (const one of happenings) await world.happen(one);
      await world.end();
      const { chat, server } = world;
      expect(world.faults).toEqual([]);
      expect(chat.line.state).toBe("live");
      expect(world.storage.items).toEqual([]);
      for (const id of ROOMS) {
        const own = server.messages(id).filter((message) => message.user_id === ANN);
        expect(own.map((message) => message.content)).toEqual(world.written.get(id) ?? []);
        expect(chat.room(id).pending).toEqual([]);
        const row = chat.rooms().find((candidate) => candidate.room.id === id);
        expect(row?.unread).toBe(server.unread(id, ANN));
      }
      for (const id of [8, 9]) expect(chat.room(id).log?.seq).toBe(server.place(id).seq);
    }),
    { numRuns: Number(process.env.PARLOUR_RUNS ?? 500) },
  );
});
