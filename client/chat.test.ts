import { beforeEach, describe, expect, test } from "bun:test";
import type { ServerFrame } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Chat } from "./chat.ts";
import { FakeStorage, fakeChat } from "./fakes/chat.ts";
import { FakeClock } from "./fakes/clock.ts";
import { FakeServer } from "./fakes/server.ts";

const ANN = 1;
const BEN = 2;

let clock: FakeClock;
let server: FakeServer;
let storage: FakeStorage;
let chat: Chat;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  server.addUser(ANN, "ann");
  server.addUser(BEN, "ben");
  server.addRoom(7, "tea", [ANN, BEN]);
  server.addRoom(8, "Coffee", [ANN, BEN]);
  storage = new FakeStorage();
  chat = fakeChat(server, clock, { queue: storage });
});

async function live(): Promise<void> {
  chat.start();
  await clock.advance(100);
  expect(chat.line.state).toBe("live");
}

async function opened(roomId: number): Promise<void> {
  const done = chat.openRoom(roomId);
  await clock.advance(100);
  await done;
  expect(chat.room(roomId).status).toBe("ready");
}

function shown(roomId: number): string[] {
  const { log, pending } = chat.room(roomId);
  return [...(log?.messages ?? []), ...pending].map((item) => item.content);
}

function saidOf(type: string) {
  return server.network.said.filter((frame) => frame.type === type);
}

describe("rooms", () => {
  test("the list has one's own rooms by name, with what is unread in them", async () => {
    await live();
    server.post(7, BEN, "hot");
    server.post(7, BEN, "water");
    await clock.advance(100);
    expect(chat.rooms().map((row) => [row.room.name, row.unread])).toEqual([
      ["Coffee", 0],
      ["tea", 2],
    ]);
  });

  test("rows, views and the list stay the same objects until something in them changes", async () => {
    await live();
    await opened(7);
    const [rows, view, other] = [chat.rooms(), chat.room(7), chat.room(8)];
    server.post(7, BEN, "hello");
    await clock.advance(100);
    expect(chat.room(8)).toBe(other);
    expect(chat.room(7)).not.toBe(view);
    expect(chat.room(7)).toBe(chat.room(7));
    expect(chat.rooms()).not.toBe(rows);
    expect(chat.rooms()[0]).toBe(rows[0]!);
    expect(chat.rooms()[1]).not.toBe(rows[1]!);
    const now = chat.rooms();
    server.type(7, BEN);
    await clock.advance(100);
    expect(chat.rooms()).toBe(now);
  });

  test("a room is opened with its newest page, and hears every event after it (R1)", async () => {
    await live();
    server.post(7, BEN, "before");
    await opened(7);
    server.post(7, BEN, "after");
    await clock.advance(100);
    expect(shown(7)).toEqual(["before", "after"]);
    expect(saidOf("open")).toEqual([{ type: "open", room_id: 7, epoch: "epoch-1", seq: 3 }]);
  });

  test("a message written while the page was on its way is there", async () => {
    await live();
    const done = chat.openRoom(7);
    await clock.advance(3);
    server.post(7, BEN, "in between");
    await clock.advance(100);
    await done;
    expect(shown(7)).toEqual(["in between"]);
  });

  test("a room can be read before there is a socket, and is continued once there is one", async () => {
    await opened(7);
    server.post(7, BEN, "while nobody listened");
    await live();
    expect(shown(7)).toEqual(["while nobody listened"]);
  });

  test("only so many rooms are kept open: the one not looked at for longest is closed and its log let go", async () => {
    chat = fakeChat(server, clock, { keepOpen: 2 });
    server.addRoom(9, "milk", [ANN]);
    await live();
    await opened(7);
    await opened(8);
    await opened(7);
    await opened(9);
    expect(saidOf("close")).toEqual([{ type: "close", room_id: 8 }]);
    expect([...chat.replica.logs.keys()].sort()).toEqual([7, 9]);
    server.network.cut();
    await clock.advance(2_000);
    expect(saidOf("hello").at(-1)).toMatchObject({ rooms: { 7: 2, 9: 1 }, open: [9, 7] });
  });

  test("older pages go in front, one at a time, until the room's beginning", async () => {
    server.pageMost = 2;
    for (const word of ["one", "two", "three", "four", "five"]) server.post(7, BEN, word);
    await live();
    await opened(7);
    expect(shown(7)).toEqual(["four", "five"]);
    const pages = [chat.loadOlder(7), chat.loadOlder(7)];
    expect(chat.room(7).older).toBe("loading");
    await clock.advance(100);
    await Promise.all(pages);
    expect(shown(7)).toEqual(["two", "three", "four", "five"]);
    void chat.loadOlder(7);
    await clock.advance(100);
    void chat.loadOlder(7);
    await clock.advance(100);
    expect(shown(7)).toEqual(["one", "two", "three", "four", "five"]);
    expect(server.requests.filter((request) => request.includes("messages"))).toHaveLength(3);
  });

  test("an older page that did not come can be asked for again", async () => {
    server.pageMost = 1;
    server.post(7, BEN, "one");
    server.post(7, BEN, "two");
    await live();
    await opened(7);
    server.network.isDown = true;
    void chat.loadOlder(7);
    await clock.advance(50);
    expect(chat.room(7).older).toBe("failed");
    server.network.isDown = false;
    void chat.loadOlder(7);
    await clock.advance(50);
    expect(chat.room(7).older).toBe("idle");
    expect(shown(7)).toEqual(["one", "two"]);
  });

  test("a page that did not come says so, and is fetched again by itself", async () => {
    await live();
    server.network.isDown = true;
    void chat.openRoom(7);
    await clock.advance(10);
    expect(chat.room(7).status).toEqual({ failed: "offline" });
    server.network.isDown = false;
    await clock.advance(5_000);
    expect(chat.room(7).status).toBe("ready");
  });

  test("a room that is not there is closed, and asked for once", async () => {
    await live();
    void chat.openRoom(404);
    await clock.advance(60_000);
    expect(chat.room(404).status).toEqual({ closed: "not_found" });
    expect(server.requests.filter((request) => request.includes("404"))).toHaveLength(1);
  });

  test("a removed member loses the room and its log, and has it back when let in again (R5, E5)", async () => {
    await live();
    await opened(7);
    server.removeMember(7, ANN);
    await clock.advance(100);
    expect(chat.room(7)).toMatchObject({ status: { closed: "removed" }, log: null });
    expect(chat.rooms().map((row) => row.room.id)).toEqual([8]);
    server.addMember(7, ANN);
    await clock.advance(100);
    expect(chat.room(7).status).toBe("ready");
  });

  test("members come page by page, and comings and goings in between are not lost", async () => {
    for (let id = 3; id <= 250; id++) {
      server.addUser(id, `user ${id}`);
      server.addMember(7, id);
    }
    await live();
    await opened(7);
    const done = chat.loadMembers(7);
    await clock.advance(6);
    server.removeMember(7, 5);
    server.addUser(300, "late");
    server.addMember(7, 300);
    await clock.advance(100);
    await done;
    const ids = chat.room(7).log?.members?.map((member) => member.user_id) ?? [];
    expect(ids).toHaveLength(250);
    expect(ids).not.toContain(5);
    expect(ids).toContain(300);
    server.removeMember(7, 6);
    await clock.advance(100);
    expect(chat.room(7).log?.members).toHaveLength(249);
  });
});

describe("a very large room", () => {
  test("shows a thousand members, says that there are more, and has them all when they are asked for", async () => {
    for (let id = 3; id <= 2_100; id++) {
      server.addUser(id, `user ${id}`);
      server.addMember(7, id);
    }
    await live();
    await opened(7);
    const loaded = async (done: Promise<void>) => {
      await clock.advance(1_000);
      await done;
      return chat.room(7).log?.members?.map((member) => member.user_id) ?? [];
    };
    await loaded(chat.loadMoreMembers(7));
    expect(chat.room(7)).toMatchObject({ log: { members: null }, hasMoreMembers: false });
    expect(await loaded(chat.loadMembers(7))).toHaveLength(1_000);
    expect(chat.room(7).hasMoreMembers).toBe(true);
    const done = chat.loadMoreMembers(7);
    await clock.advance(6);
    server.removeMember(7, 5);
    server.removeMember(7, 1_500);
    const ids = await loaded(done);
    expect(ids).not.toContain(5);
    expect(ids).not.toContain(1_500);
    await loaded(chat.loadMoreMembers(7));
    const all = await loaded(chat.loadMoreMembers(7));
    expect(all).toHaveLength(2_098);
    expect(all).toEqual(all.toSorted((a, b) => a - b));
    expect(chat.room(7).hasMoreMembers).toBe(false);
  });
});

describe("what lies far back", () => {
  const words = Array.from({ length: 12 }, (_, at) => `word ${at}`);
  const past = () => chat.room(7).log?.past?.messages.map(({ content }) => content) ?? null;
  const idOf = (content: string) => server.messages(7).find((message) => message.content === content)?.id ?? 0;

  beforeEach(async () => {
    server.pageMost = 3;
    for (const word of words) server.post(7, BEN, word);
    await live();
    await opened(7);
  });

  async function sought(content: string) {
    const answer = chat.seek(7, idOf(content));
    await clock.advance(100);
    return answer;
  }

  test("a message is shown with those around it at any depth, by one page, and the newest stay as they are", async () => {
    expect(await sought("word 3")).toBe("shown");
    expect(past()).toEqual(["word 2", "word 3", "word 4"]);
    expect(chat.room(7).sight).toMatchObject({ at: idOf("word 3") });
    expect(shown(7)).toEqual(["word 9", "word 10", "word 11"]);
    expect(server.requests.filter((request) => request.includes("rooms/7/messages"))).toHaveLength(2);
  });

  test("it is read on to both sides, and the hole is closed where it meets the newest", async () => {
    await sought("word 4");
    void chat.loadOlder(7);
    await clock.advance(100);
    expect(past()).toEqual(words.slice(0, 6));
    expect(chat.room(7).log?.past?.before).toBeNull();
    const { sight } = chat.room(7);
    void chat.loadNewer(7);
    await clock.advance(100);
    expect(past()).toEqual(words.slice(0, 9));
    server.post(7, BEN, "said meanwhile");
    await clock.advance(100);
    expect(past()).toEqual(words.slice(0, 9));
    void chat.loadNewer(7);
    await clock.advance(100);
    expect(past()).toBeNull();
    expect(shown(7)).toEqual([...words, "said meanwhile"]);
    expect(chat.room(7).sight).toBe(sight);
    expect(chat.room(7).log?.before).toBeNull();
  });

  test("one that meets the newest stands in front of them at once", async () => {
    expect(await sought("word 8")).toBe("shown");
    expect(past()).toBeNull();
    expect(shown(7)).toEqual(words.slice(7));
  });

  test("the newest are shown again in one step, with what was said meanwhile", async () => {
    await sought("word 1");
    const { sight } = chat.room(7);
    server.post(7, BEN, "said meanwhile");
    await clock.advance(100);
    chat.toNewest(7);
    expect(past()).toBeNull();
    expect(shown(7)).toEqual(["word 9", "word 10", "word 11", "said meanwhile"]);
    expect(chat.room(7).sight.key).toBeGreaterThan(sight.key);
  });

  test("one that is in another room, or nowhere, is said to be gone, and what could not be loaded is not", async () => {
    server.post(8, BEN, "elsewhere");
    const elsewhere = server.messages(8)[0]?.id ?? 0;
    const answers = [elsewhere, 999].map((id) => chat.seek(7, id));
    await clock.advance(100);
    expect(await Promise.all(answers)).toEqual(["overtaken", "gone"]);
    const wrong = chat.seek(7, elsewhere);
    await clock.advance(100);
    expect(await wrong).toBe("gone");
    server.network.isDown = true;
    expect(await sought("word 1")).toBe("failed");
    expect(past()).toBeNull();
  });

  test("a name that changes is changed there too", async () => {
    await sought("word 3");
    server.rename(BEN, "benjamin");
    await clock.advance(100);
    expect(chat.room(7).log?.past?.messages.map(({ username }) => username)).toEqual(Array(3).fill("benjamin"));
  });
});

describe("after a cut", () => {
  test("a room goes on after what it has, without a page (H3)", async () => {
    await live();
    await opened(7);
    server.network.cut();
    server.post(7, BEN, "missed");
    await clock.advance(5_000);
    expect(chat.line.state).toBe("live");
    expect(shown(7)).toEqual(["missed"]);
    expect(server.requests.filter((request) => request.includes("messages"))).toHaveLength(1);
  });

  test("a room that cannot be continued is loaded anew (R2)", async () => {
    server.resumePerRoom = 3;
    server.pageMost = 4;
    await live();
    await opened(7);
    server.network.cut();
    for (let at = 0; at < 6; at++) server.post(7, BEN, `missed ${at}`);
    await clock.advance(5_000);
    expect(shown(7)).toEqual(["missed 2", "missed 3", "missed 4", "missed 5"]);
    server.post(7, BEN, "and on");
    await clock.advance(100);
    expect(shown(7).at(-1)).toBe("and on");
  });

  test("another epoch makes all that is known void (H4)", async () => {
    await live();
    await opened(7);
    server.post(7, BEN, "kept");
    server.post(7, BEN, "lost by the restore");
    await clock.advance(100);
    server.restore("epoch-2", 3);
    server.post(7, BEN, "written since");
    await clock.advance(5_000);
    expect(shown(7)).toEqual(["kept", "written since"]);
    expect(chat.rooms()).toHaveLength(2);
    expect(chat.replica.epoch).toBe("epoch-2");
  });

  test("numbers of a history that is over are not counted as unread", async () => {
    await live();
    for (let at = 0; at < 5; at++) server.post(8, BEN, `lost ${at}`);
    await clock.advance(100);
    expect(chat.rooms()[0]?.unread).toBe(5);
    server.restore("epoch-2", 3);
    await clock.advance(5_000);
    expect(chat.rooms()[0]?.unread).toBe(1);
  });

  test("a page of another epoch is not mixed with this one's events", async () => {
    await live();
    server.epoch = "epoch-2";
    void chat.openRoom(7);
    await clock.advance(5_000);
    expect(chat.room(7).status).toBe("ready");
    expect(chat.replica.epoch).toBe("epoch-2");
    expect(chat.line.state).toBe("live");
  });

  test("an event that does not follow is not shown before what lies between (R6)", async () => {
    await live();
    await opened(7);
    server.network.arrivals = (frame) => (frame.type === "message" && frame.content === "two" ? 0 : 1);
    server.post(7, BEN, "one");
    server.post(7, BEN, "two");
    server.network.arrivals = () => 1;
    server.post(7, BEN, "three");
    server.post(7, BEN, "four");
    await clock.advance(3);
    expect(shown(7)).toEqual(["one"]);
    await clock.advance(100);
    expect(shown(7)).toEqual(["one", "two", "three", "four"]);
    expect(saidOf("open")).toHaveLength(2);
  });

  test("an event lost at the very end of what was missed is noticed by the place that follows it", async () => {
    await live();
    await opened(7);
    for (const word of ["by hello", "by open"]) {
      server.network.cut();
      server.post(7, BEN, word);
      let left = word === "by hello" ? 1 : 2;
      server.network.arrivals = (frame) => (frame.type === "message" && left-- > 0 ? 0 : 1);
      await clock.advance(5_000);
      expect(shown(7).at(-1)).toBe(word);
    }
  });

  test("a room of the hello that nothing was said about is asked for", async () => {
    await live();
    await opened(7);
    server.network.cut();
    server.network.arrivals = (frame) => (frame.type === "opened" ? 0 : 1);
    await clock.advance(2_000);
    expect(saidOf("open")).toHaveLength(2);
  });

  test("members are loaded again with a log that begins anew", async () => {
    server.resumePerRoom = 0;
    await live();
    await opened(7);
    void chat.loadMembers(7);
    await clock.advance(100);
    server.network.cut();
    server.removeMember(7, BEN);
    await clock.advance(5_000);
    expect(chat.room(7).log?.members?.map((member) => member.username)).toEqual(["ann"]);
  });

  test("a room that is never told to its end is loaded anew, and not asked for without end", async () => {
    await live();
    await opened(7);
    server.network.cut();
    server.post(7, BEN, "lost each time");
    server.network.arrivals = (frame) => (frame.type === "message" ? 0 : 1);
    await clock.advance(5_000);
    expect(shown(7)).toEqual(["lost each time"]);
    expect(saidOf("open").length).toBeLessThan(6);
  });

  test("an open that was dropped is asked again", async () => {
    await live();
    server.network.arrivals = (frame) => (frame.type === "opened" || frame.type === "active_users" ? 0 : 1);
    await opened(7);
    server.network.arrivals = () => 1;
    await clock.advance(15_000);
    expect(saidOf("open")).toHaveLength(2);
  });

  test("hidden seqs make no gap (R4)", async () => {
    await live();
    await opened(7);
    server.hide(7);
    server.post(7, BEN, "behind it");
    await clock.advance(100);
    expect(shown(7)).toEqual(["behind it"]);
    expect(saidOf("open")).toHaveLength(1);
  });

  test("events of a kind that only a newer server knows are passed over, without a question and without an end [E12]", async () => {
    await live();
    await opened(7);
    for (let at = 0; at < 5; at++) {
      server.sayNewer(7);
      server.post(7, BEN, `behind ${at}`);
    }
    await clock.advance(100);
    expect(shown(7)).toEqual(["behind 0", "behind 1", "behind 2", "behind 3", "behind 4"]);
    expect(saidOf("open")).toHaveLength(1);
    const pages = server.requests.length;
    server.network.cut();
    server.sayNewer(7);
    server.post(7, BEN, "after a cut");
    await clock.advance(5_000);
    expect(shown(7).at(-1)).toBe("after a cut");
    expect(server.requests.length).toBe(pages);
  });

  test("a frame of a kind that only a newer server knows changes nothing [E12]", async () => {
    await live();
    await opened(7);
    const view = chat.room(7);
    for (const frame of [{ type: "poll" }, { type: "poll", room_id: 7, seq: 99 }, { type: 7 }, {}]) {
      server.network.lines()[0]?.say(frame as unknown as ServerFrame);
    }
    await clock.advance(100);
    expect(chat.line.state).toBe("live");
    expect(chat.room(7)).toBe(view);
  });
});

describe("sending", () => {
  test("a message is shown at once, and once, all the way to its event", async () => {
    await live();
    await opened(7);
    const seen = new Set<string>();
    chat.subscribe(() => seen.add(shown(7).join()));
    chat.send(7, "hello");
    expect(shown(7)).toEqual(["hello"]);
    await clock.advance(100);
    expect(chat.room(7).pending).toEqual([]);
    expect(shown(7)).toEqual(["hello"]);
    expect([...seen]).toEqual(["hello"]);
  });

  test("an acknowledged message stays until its event is in the log, so that nothing flickers", async () => {
    await live();
    await opened(7);
    server.network.arrivals = (frame) => (frame.type === "message" ? 0 : 1);
    chat.send(7, "hello");
    await clock.advance(100);
    expect(chat.room(7).pending.map((send) => send.state)).toEqual(["sent"]);
    expect(storage.items).toEqual([]);
    server.network.arrivals = () => 1;
    server.post(7, BEN, "the next");
    await clock.advance(100);
    expect(shown(7)).toEqual(["hello", "the next"]);
    expect(chat.room(7).pending).toEqual([]);
  });

  test("what is written on a cut line waits, survives a reload, and goes once", async () => {
    await live();
    await opened(7);
    server.network.isDown = true;
    server.network.cut();
    chat.send(7, "one");
    chat.send(7, "two");
    await clock.advance(5_000);
    expect(chat.room(7).pending.map((send) => send.state)).toEqual(["waiting", "waiting"]);
    chat.stop();
    chat = fakeChat(server, clock, { queue: storage });
    expect(chat.room(7).pending.map((send) => send.content)).toEqual(["one", "two"]);
    server.network.isDown = false;
    await live();
    await opened(7);
    expect(server.messages(7).map((message) => message.content)).toEqual(["one", "two"]);
    expect(shown(7)).toEqual(["one", "two"]);
  });

  test("a send whose answer was lost with the line is not doubled, nor shown twice on the way (S2, S3)", async () => {
    await live();
    await opened(7);
    const nonce = chat.send(7, "hello");
    await clock.advance(3);
    server.network.cut();
    expect(server.messages(7)).toHaveLength(1);
    const seen = new Set<string>();
    chat.subscribe(() => seen.add(shown(7).join()));
    await clock.advance(5_000);
    expect(saidOf("send").map((frame) => "nonce" in frame && frame.nonce)).toEqual([nonce, nonce]);
    expect(server.messages(7)).toHaveLength(1);
    expect([...seen]).toEqual(["hello"]);
    expect(chat.room(7).pending).toEqual([]);
  });

  test("a send to a room that is not open is done with its acknowledgement", async () => {
    await live();
    chat.send(8, "hello");
    expect(chat.room(8).pending).toHaveLength(1);
    await clock.advance(100);
    expect(chat.room(8).pending).toEqual([]);
    expect(server.messages(8)).toHaveLength(1);
  });

  test("one's own message is not unread, in an open room or another", async () => {
    await live();
    chat.send(8, "hello");
    await opened(7);
    chat.send(7, "hello");
    await clock.advance(100);
    expect(chat.rooms().map((row) => row.unread)).toEqual([0, 0]);
  });
});

describe("reading", () => {
  test("the cursor moves here at once, and is told at most twice a second with the latest place (S5)", async () => {
    await live();
    await opened(7);
    for (let at = 0; at < 5; at++) server.post(7, BEN, `message ${at}`);
    await clock.advance(100);
    for (let seq = 3; seq <= 6; seq++) chat.markRead(7, seq);
    expect(chat.rooms()[1]?.unread).toBe(1);
    await clock.advance(1_000);
    expect(saidOf("read")).toEqual([
      { type: "read", room_id: 7, seq: 3 },
      { type: "read", room_id: 7, seq: 6 },
    ]);
    expect(server.readSeq(7, ANN)).toBe(6);
    chat.markRead(7, 4);
    await clock.advance(1_000);
    expect(saidOf("read")).toHaveLength(2);
    expect(chat.rooms()[1]?.unread).toBe(1);
  });

  test("what was read without a line is told when there is one, and the number does not jump back meanwhile", async () => {
    await live();
    await opened(7);
    server.post(7, BEN, "hello");
    await clock.advance(100);
    server.network.cut();
    chat.markRead(7, 3);
    const unread = new Set<number>();
    chat.subscribe(() => unread.add(chat.rooms()[1]?.unread ?? -1));
    await clock.advance(5_000);
    expect(server.readSeq(7, ANN)).toBe(3);
    expect([...unread]).toEqual([0]);
  });

  test("what is read here and unread again elsewhere, and told in one row, is read on both (S5, S7)", async () => {
    await live();
    await opened(7);
    server.post(7, BEN, "hello");
    await clock.advance(100);
    server.holdsRows = true;
    chat.markRead(7, 3);
    await clock.advance(100);
    server.holdsRows = false;
    server.markUnread(7, ANN, 2);
    await clock.advance(5_000);
    expect(server.readSeq(7, ANN)).toBe(3);
    expect(chat.rooms()[1]?.unread).toBe(0);
    server.markUnread(7, ANN, 2);
    await clock.advance(5_000);
    expect(server.readSeq(7, ANN)).toBe(2);
    expect(chat.rooms()[1]?.unread).toBe(1);
  });

  test("one's own messages behind the cursor are not unread", async () => {
    await live();
    await opened(7);
    server.post(7, BEN, "one");
    chat.send(7, "two");
    server.post(7, BEN, "three");
    await clock.advance(100);
    chat.markRead(7, 3);
    const expected = server.messages(7).filter((message) => message.seq > 3 && message.user_id === BEN).length;
    expect(chat.rooms()[1]?.unread).toBe(expected);
    await clock.advance(1_000);
    expect(chat.rooms()[1]?.unread).toBe(expected);
  });
});

describe("presence", () => {
  test("who is writing is shown for a while, not after their message, and never oneself (P3)", async () => {
    await live();
    await opened(7);
    chat.typing(7);
    server.type(7, BEN);
    await clock.advance(100);
    expect(chat.room(7).typing).toEqual(["ben"]);
    server.post(7, BEN, "done");
    await clock.advance(100);
    expect(chat.room(7).typing).toEqual([]);
    server.type(7, BEN);
    await clock.advance(limits.typingShownFor - 100);
    expect(chat.room(7).typing).toEqual(["ben"]);
    await clock.advance(200);
    expect(chat.room(7).typing).toEqual([]);
  });

  test("typing is told now and then, not with each letter", async () => {
    await live();
    await opened(7);
    for (let letter = 0; letter < 40; letter++) {
      chat.typing(7);
      await clock.advance(100);
    }
    expect(saidOf("typing")).toHaveLength(2);
  });

  test("people come and go (P1, P2)", async () => {
    await live();
    await opened(7);
    const [line] = server.network.lines();
    const ben = { user_id: BEN, username: "ben", room_id: 7, timestamp: "" };
    line?.say({ type: "active_users", room_id: 7, users: [{ id: ANN, username: "ann" }], count: 1 });
    line?.say({ type: "join", ...ben });
    line?.say({ type: "join", ...ben });
    await clock.advance(100);
    expect(chat.room(7).active).toEqual({
      users: [
        { id: ANN, username: "ann" },
        { id: BEN, username: "ben" },
      ],
      count: 2,
    });
    line?.say({ type: "leave", ...ben });
    await clock.advance(100);
    expect(chat.room(7).active).toEqual({ users: [{ id: ANN, username: "ann" }], count: 1 });
  });
});

describe("telling", () => {
  test("watchers hear of many changes once", async () => {
    await live();
    await opened(7);
    let calls = 0;
    const stop = chat.subscribe(() => {
      calls += 1;
    });
    chat.send(7, "one");
    chat.send(7, "two");
    chat.send(8, "three");
    await Promise.resolve();
    expect(calls).toBe(1);
    stop();
    await clock.advance(100);
    expect(calls).toBe(1);
  });

  test("bots hear each event once and every frame as it came", async () => {
    await live();
    await opened(7);
    const heard: string[] = [];
    let raw = 0;
    chat.on((notice) => {
      if (notice.type === "event" && notice.event.type === "message") heard.push(notice.event.content);
      if (notice.type === "raw") raw += 1;
    });
    server.network.arrivals = () => 2;
    server.post(7, BEN, "one");
    server.post(7, BEN, "two");
    await clock.advance(100);
    expect(heard).toEqual(["one", "two"]);
    expect(raw).toBe(4);
  });

  test("after stop nothing is left to run", async () => {
    await live();
    await opened(7);
    chat.send(7, "hello");
    chat.typing(7);
    await clock.advance(1_000);
    chat.stop();
    await clock.advance(100);
    expect(chat.line.state).toBe("idle");
    expect(clock.waiting).toBe(0);
  });
});
