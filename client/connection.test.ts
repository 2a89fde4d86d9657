import { beforeEach, describe, expect, test } from "bun:test";
import { closeCodes } from "#shared/close-codes.ts";
import { limits } from "#shared/limits.ts";
import type { Chat } from "./chat.ts";
import { fakeChat } from "./fakes/chat.ts";
import { FakeClock } from "./fakes/clock.ts";
import { FakeServer } from "./fakes/server.ts";
import type { OpenSocket, SocketEvents } from "./socket.ts";

let clock: FakeClock;
let server: FakeServer;
let chat: Chat;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  server.addUser(1, "ann");
  server.addRoom(7, "tea", [1]);
  chat = fakeChat(server, clock);
});

async function live(): Promise<void> {
  chat.start();
  await clock.advance(100);
  expect(chat.line.state).toBe("live");
}

function pings(): number {
  return server.network.said.filter((frame) => frame.type === "ping").length;
}

test("[P5] that somebody is at the device is said at once and not again within 20 seconds, and by a new line if it was just so", async () => {
  const acts = () => server.network.said.filter((frame) => frame.type === "ping" && frame.acted).length;
  await live();
  await clock.advance(10 * limits.heartbeatEvery);
  expect(acts()).toBe(0);
  for (let i = 0; i < 100; i++) chat.acted();
  expect(acts()).toBe(1);
  await clock.advance(20_000);
  expect(acts()).toBe(1);
  chat.acted();
  expect(acts()).toBe(2);
  server.network.cut();
  await clock.advance(10_000);
  expect(chat.line.state).toBe("live");
  expect(acts()).toBe(3);
  await clock.advance(30_000);
  server.network.cut();
  await clock.advance(10_000);
  expect(acts()).toBe(3);
});

test("a line goes from connecting over catching up to live, and says each step", async () => {
  const states: string[] = [];
  chat.on((notice) => notice.type === "line" && states.push(notice.line.state));
  await live();
  expect(states).toEqual(["connecting", "catching-up", "live"]);
  expect(chat.me?.username).toBe("ann");
});

describe("heartbeats (L1)", () => {
  test("a quiet line is asked every 25 seconds and stays", async () => {
    await live();
    await clock.advance(10 * limits.heartbeatEvery);
    expect(pings()).toBe(10);
    expect(server.network.opened).toBe(1);
  });

  test("a line that fell silent is given up after one unanswered heartbeat", async () => {
    await live();
    server.network.fallSilent();
    await clock.advance(2 * limits.heartbeatEvery - 200);
    expect(chat.line.state).toBe("live");
    await clock.advance(5_000);
    expect(server.network.opened).toBe(2);
    expect(chat.line.state).toBe("live");
  });

  test("a page that wakes up notices within five seconds that its socket died while it slept", async () => {
    await live();
    server.network.fallSilent();
    chat.wake();
    chat.wake();
    expect(pings()).toBe(1);
    await clock.advance(4_900);
    expect(chat.line.state).toBe("live");
    await clock.advance(2_000);
    expect(server.network.opened).toBe(2);
    expect(chat.line.state).toBe("live");
  });

  test("a page that wakes up keeps a socket that answers", async () => {
    await live();
    chat.wake();
    await clock.advance(20_000);
    expect(server.network.opened).toBe(1);
  });

  test("a line that connects and never says welcome is given up", async () => {
    server.network.arrivals = () => 0;
    chat.start();
    await clock.advance(10_000);
    expect(chat.line.state).toBe("connecting");
    server.network.arrivals = () => 1;
    await clock.advance(8_000);
    expect(chat.line.state).toBe("live");
  });
});

describe("coming back", () => {
  test("attempts come at growing distances, and never more than 30 seconds apart", async () => {
    await live();
    server.network.isDown = true;
    server.network.cut();
    await clock.advance(600_000);
    const tries = server.network.opened;
    expect(tries).toBeGreaterThan(600_000 / 31_000);
    expect(tries).toBeLessThan(80);
    const { line } = chat;
    expect(line.state === "waiting" && line.until - clock.now()).toBeLessThanOrEqual(30_000);
    server.network.isDown = false;
    await clock.advance(31_000);
    expect(chat.line.state).toBe("live");
  });

  test("after half a minute of good line the first wait is short again", async () => {
    await live();
    server.network.isDown = true;
    server.network.cut();
    await clock.advance(600_000);
    server.network.isDown = false;
    await clock.advance(62_000);
    for (let cuts = 0; cuts < 10; cuts++) {
      server.network.cut();
      const { line } = chat;
      expect(line.state === "waiting" && line.until - clock.now()).toBeLessThanOrEqual(1_000);
      await clock.advance(32_000);
      expect(chat.line.state).toBe("live");
    }
  });

  test("a wait is cut short when somebody looks, or when the network is back", async () => {
    await live();
    for (const signal of [() => chat.wake(), () => chat.online()]) {
      server.network.isDown = true;
      server.network.cut();
      await clock.advance(120_000);
      for (let at = 0; at < 10 && chat.line.state !== "waiting"; at++) await clock.advance(10);
      server.network.isDown = false;
      signal();
      await clock.advance(50);
      expect(chat.line.state).toBe("live");
    }
  });

  test("going offline cuts at once, says so, and is not believed for ever", async () => {
    await live();
    chat.offline();
    expect(chat.line).toMatchObject({ state: "waiting", why: "offline" });
    await clock.advance(5_000);
    expect(chat.line.state).toBe("live");
  });

  test("a server that drains is left alone as long as it asked for (L5)", async () => {
    await live();
    const [line] = server.network.lines();
    line?.say({ type: "draining", retry_after: 9_000 });
    line?.close(closeCodes.restarting.code);
    await clock.advance(100);
    expect(chat.line).toMatchObject({ state: "waiting", why: "draining" });
    await clock.advance(8_800);
    expect(server.network.opened).toBe(1);
    await clock.advance(300);
    expect(chat.line.state).toBe("live");
  });

  test("what a socket says after it was given up concerns nobody", async () => {
    await live();
    const [line] = server.network.lines();
    line?.say({ type: "draining", retry_after: 1 });
    chat.stop();
    await clock.advance(60_000);
    expect(chat.line.state).toBe("idle");
    expect(server.network.opened).toBe(1);
  });

  test("a frame that a browser still hands over after the close changes nothing", async () => {
    const late: SocketEvents[] = [];
    const openSocket: OpenSocket = (url, protocols, on) => {
      late.push(on);
      return server.network.openSocket(url, protocols, on);
    };
    chat = fakeChat(server, clock, { openSocket });
    await live();
    chat.stop();
    const heard: string[] = [];
    chat.on((notice) => heard.push(notice.type));
    late[0]?.text(JSON.stringify({ type: "at", room_id: 7, seq: 50, n: 50 }));
    late[0]?.close(1006, "");
    expect(heard).toEqual([]);
    expect(chat.line.state).toBe("idle");
    expect(chat.rooms()[0]?.unread).toBe(0);
  });

  test("one can stop and start again", async () => {
    await live();
    chat.stop();
    await clock.advance(100);
    await live();
    expect(server.network.opened).toBe(2);
  });
});

describe("being refused", () => {
  test("a token that ended is replaced and the line comes back at once", async () => {
    await live();
    server.expireTokens();
    server.network.lines()[0]?.close(closeCodes.unauthorized.code);
    await clock.advance(100);
    expect(chat.line.state).toBe("live");
  });

  test("an ended session is signed out, and asks for nothing more (L6)", async () => {
    await live();
    server.endSession();
    await clock.advance(100);
    expect(chat.line.state).toBe("signed-out");
    const asked = server.requests.length;
    await clock.advance(600_000);
    chat.wake();
    chat.online();
    await clock.advance(1_000);
    expect(server.requests.length).toBe(asked);
    expect(server.network.opened).toBe(1);
  });

  test("a server that refuses every new token is not hammered", async () => {
    await live();
    const refuse = () => server.network.lines()[0]?.close(closeCodes.unauthorized.code);
    refuse();
    server.network.arrivals = () => 0;
    for (let second = 0; second < 600; second++) {
      refuse();
      await clock.advance(1_000);
    }
    expect(server.network.opened).toBeLessThan(80);
  });

  test("a close that says stop is not tried again", async () => {
    await live();
    server.network.lines()[0]?.close(closeCodes.badFrame.code, "The first frame is a hello.");
    await clock.advance(600_000);
    expect(chat.line).toEqual({ state: "stopped", code: 4400, detail: "The first frame is a hello." });
    expect(server.network.opened).toBe(1);
  });

  test("a server without room for one more is tried again later", async () => {
    await live();
    server.network.lines()[0]?.close(closeCodes.tooMany.code);
    await clock.advance(3);
    expect(chat.line).toMatchObject({ state: "waiting", why: "refused" });
    await clock.advance(5_000);
    expect(chat.line.state).toBe("live");
  });
});
