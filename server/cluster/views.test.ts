import { expect, test } from "bun:test";
import { eventually } from "#tests/support/eventually.ts";
import type { Bus } from "../bus/bus.ts";
import { LocalLine } from "../bus/local.ts";
import { Hub } from "../realtime/hub.ts";
import { Presence } from "../realtime/presence.ts";
import type { Store } from "../store/store.ts";
import { Views } from "./views.ts";

/** So much faster does the time of these nodes run. */
const SPEED = 40;
const ROOM = 1;

const clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms / SPEED);
    return () => clearTimeout(timer);
  },
};
const pass = (ms: number) => Bun.sleep(ms / SPEED);

/** Two nodes on a bus that can be made to lose everything without knowing it, and to come back. */
function twoNodes() {
  const line = new LocalLine();
  const backs: (() => void)[] = [];
  let isDown = false;
  const node = (name: string) => {
    const end = line.end();
    const bus: Bus = {
      isUp: true,
      publish(subject, text) {
        if (!isDown) end.publish(subject, text);
      },
      subscribe: (subject, hear) =>
        end.subscribe(subject, (text) => {
          if (!isDown) hear(text);
        }),
      onBack: (run) => backs.push(run),
      close: async () => {},
    };
    const hub = new Hub(() => {}, clock);
    const presence = new Presence(hub, clock);
    const store = { epoch: "epoch" } as Store;
    const monotonic = () => performance.now() * SPEED;
    return {
      presence,
      views: new Views({ node: name, bus, store, hub, clock, monotonic, isHeard: () => true, presence }),
    };
  };
  return {
    a: node("a"),
    b: node("b"),
    lose: () => {
      isDown = true;
    },
    back: (isSaid: boolean) => {
      isDown = false;
      if (isSaid) for (const run of backs) run();
    },
  };
}

type Nodes = ReturnType<typeof twoNodes>;
const seenOnA = ({ a }: Nodes) => a.presence.in(ROOM).users.map(({ username }) => username);

async function bothOpen({ a, b }: Nodes): Promise<void> {
  await pass(5_000);
  await a.views.open(ROOM);
  a.presence.enter(ROOM, 1, "ann");
  await b.views.open(ROOM);
  b.presence.enter(ROOM, 2, "ben");
}

test("a person whose leaving nobody heard of is not shown for ever, and one who stays is shown", async () => {
  const nodes = twoNodes();
  await bothOpen(nodes);
  await eventually(() => expect(seenOnA(nodes)).toEqual(["ann", "ben"]));
  await pass(60_000);
  expect(seenOnA(nodes)).toEqual(["ann", "ben"]);
  nodes.lose();
  nodes.b.presence.exit(ROOM, 2, false);
  nodes.b.views.close(ROOM);
  nodes.back(false);
  await eventually(() => expect(seenOnA(nodes)).toEqual(["ann"]));
  for (const { views } of [nodes.a, nodes.b]) views.end();
});

test("who came while the bus was away is seen as soon as it is back", async () => {
  const nodes = twoNodes();
  await bothOpen(nodes);
  await eventually(() => expect(seenOnA(nodes)).toEqual(["ann", "ben"]));
  nodes.lose();
  nodes.b.presence.enter(ROOM, 3, "cat");
  await pass(1_000);
  nodes.back(true);
  await eventually(() => expect(seenOnA(nodes)).toEqual(["ann", "ben", "cat"]), 100);
  for (const { views } of [nodes.a, nodes.b]) views.end();
});
