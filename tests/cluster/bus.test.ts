import { afterAll, describe, expect, test } from "bun:test";
import type { Bus } from "#server/bus/bus.ts";
import { LocalLine } from "#server/bus/local.ts";
import { NatsBus } from "#server/bus/nats.ts";
import { parseConfig } from "#server/config.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type OwnNats, startNats } from "#tests/support/nats.ts";
import { weakLine } from "./weak-line.ts";

const nats: OwnNats = await startNats();
const warned: string[] = [];
const open: Bus[] = [];
afterAll(async () => {
  for (const bus of open) await bus.close();
  await nats.stop();
});

const SETTINGS = { DATABASE_URL: "postgresql://parlour@localhost/parlour", SECRET_KEY: "x".repeat(32) };

function natsBus(url = nats.url): NatsBus {
  const { nats: place } = parseConfig({ ...SETTINGS, NATS_URL: url });
  if (!place) throw new Error("NATS_URL was not read.");
  const bus = new NatsBus({ place, name: "test", random: () => 0, warn: (line) => warned.push(line) });
  open.push(bus);
  return bus;
}

const line = new LocalLine();
const makers: [string, () => Promise<Bus>][] = [
  ["local", async () => line.end()],
  [
    "NATS",
    async () => {
      const bus = natsBus();
      await eventually(() => expect(bus.isUp).toBe(true));
      return bus;
    },
  ],
];

describe.each(makers)("a %s bus", (_name, make) => {
  test("is heard by those who subscribe to the subject, in order, and not by who speaks", async () => {
    const [one, two] = [await make(), await make()];
    const heard: string[] = [];
    const others: string[] = [];
    const own: string[] = [];
    const subscriptions = [
      two.subscribe("a.1", (text) => heard.push(text)),
      two.subscribe("a.2", (text) => others.push(text)),
      one.subscribe("a.1", (text) => own.push(text)),
    ];
    for (const subscription of subscriptions) await subscription.live();
    for (let at = 0; at < 100; at++) one.publish("a.1", `${at} ☕`);
    await eventually(() => expect(heard.length).toBe(100));
    expect(heard).toEqual(Array.from({ length: 100 }, (_, at) => `${at} ☕`));
    expect([others, own]).toEqual([[], []]);
  });

  test("that was subscribed to and is not any more is not heard", async () => {
    const [one, two] = [await make(), await make()];
    const heard: string[] = [];
    const ended = two.subscribe("b", (text) => heard.push(`ended ${text}`));
    const kept = two.subscribe("b", (text) => heard.push(text));
    await kept.live();
    ended.end();
    one.publish("b", "said");
    await eventually(() => expect(heard).toEqual(["said"]));
  });
});

test("a bus whose server is killed comes back by itself with its subscriptions, and says so", async () => {
  const [one, two] = [natsBus(), natsBus()];
  const heard: string[] = [];
  let back = 0;
  two.onBack(() => {
    back += 1;
  });
  two.subscribe("c", (text) => heard.push(text));
  await eventually(() => expect([one.isUp, two.isUp]).toEqual([true, true]));
  await nats.stop();
  await eventually(() => expect([one.isUp, two.isUp]).toEqual([false, false]));
  one.publish("c", "lost");
  await nats.start();
  await eventually(() => expect([one.isUp, two.isUp]).toEqual([true, true]));
  one.publish("c", "heard");
  await eventually(() => expect(heard).toEqual(["heard"]));
  expect(back).toBe(2);
  expect(warned.some((warning) => warning.startsWith("The bus is lost."))).toBe(true);
});

describe("a bus whose line ends at the worst moment", () => {
  // The connection asks once by itself while it is made; the next question is the first of ours.
  test.each(["cut", "silent"] as const)(
    "is up on its next line when the first is %s before it has begun",
    async (fate) => {
      await using weak = await weakLine(nats.url, (line, question) =>
        line === 1 && question === 2 ? fate : "answered",
      );
      const bus = natsBus(weak.url);
      await eventually(() => expect([bus.isUp, weak.lines]).toEqual([true, 2]), 8_000);
      await bus.close();
    },
    20_000,
  );

  test("carries as much as ever on its next line when one was cut while it asked what was read", async () => {
    await using weak = await weakLine(nats.url, (line, question) =>
      line === 1 && question === 3 ? "cut" : "answered",
    );
    const bus = natsBus(weak.url);
    await eventually(() => expect(bus.isUp).toBe(true));
    bus.publish("f", "asks whether it was read");
    await eventually(() => expect([bus.isUp, weak.lines]).toEqual([true, 2]));
    const text = "x".repeat(200_000);
    // Twice as much as may wait for a line that is slow.
    for (let at = 1; at <= 160; at++) {
      bus.publish("f", text);
      await eventually(() => expect(weak.bytes).toBeGreaterThan(at * text.length));
    }
    await bus.close();
  }, 30_000);

  test("is closed in time, though nobody answers whether the last word was read", async () => {
    await using weak = await weakLine(nats.url, (_, question) => (question === 3 ? "silent" : "answered"));
    const bus = natsBus(weak.url);
    await eventually(() => expect(bus.isUp).toBe(true));
    bus.publish("g", "the last");
    const began = performance.now();
    await bus.close();
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

test("what is said last before a bus is closed is heard, and a hint that cannot be read ends nothing", async () => {
  const [one, two] = [natsBus(), natsBus()];
  await eventually(() => expect([one.isUp, two.isUp]).toEqual([true, true]));
  const heard: unknown[] = [];
  await two.subscribe("e", (text) => heard.push(JSON.parse(text))).live();
  one.publish("e", "no JSON");
  one.publish("e", '"the last"');
  await one.close();
  await eventually(() => expect(heard).toEqual(["the last"]));
  expect(warned.at(-1)).toContain("was not understood");
});

test("a server that is not there keeps nothing from starting, and is said once", async () => {
  const before = warned.length;
  const bus = natsBus("nats://127.0.0.1:1");
  bus.publish("d", "nobody hears it");
  await eventually(() => expect(warned.length).toBe(before + 1));
  await Bun.sleep(400);
  expect(warned.length).toBe(before + 1);
  expect(warned.at(-1)).toStartWith("The bus does not answer");
  await bus.close();
});

describe("NATS_URL", () => {
  const fault = (env: Record<string, string>) => {
    try {
      parseConfig(env);
    } catch (error) {
      return String(error);
    }
    return "none";
  };

  test("takes several servers, a user and password, a token, and TLS with a file of its own", () => {
    const place = (url: string) => parseConfig({ ...SETTINGS, NATS_URL: url }).nats;
    const plain = { servers: ["one:4222", "two:4333"], user: null, pass: null, token: null, tls: null };
    expect(place("nats://one, nats://two:4333")).toEqual(plain);
    const secret = { user: "me", pass: "p@ss", token: null };
    expect(place("tls://me:p%40ss@one")).toEqual({ servers: ["one:4222"], ...secret, tls: { ca: null } });
    expect(place("nats://s3cret@one")).toMatchObject({ user: null, pass: null, token: "s3cret" });
  });

  test("that is wrong stops the start with one line that does not show the password", () => {
    for (const url of [
      "one:4222",
      "http://one",
      "nats://",
      "nats://a:hidden@one,tls://two",
      "nats://a:hidden@one?x=1",
      "nats://a:hidden@one,nats://b:hidden@two",
      "nats://a:hidden@one,nats://two",
    ]) {
      const said = fault({ ...SETTINGS, NATS_URL: url });
      expect([url, said]).toEqual([url, expect.stringContaining("NATS_URL")]);
      expect(said).not.toContain("hidden");
    }
  });

  test("is refused beside SQLite, and without a secret that all nodes share", () => {
    expect(fault({ SECRET_KEY: SETTINGS.SECRET_KEY, NATS_URL: nats.url })).toContain("SQLite");
    expect(fault({ DATABASE_URL: SETTINGS.DATABASE_URL, NATS_URL: nats.url })).toContain("SECRET_KEY is missing");
  });
});
