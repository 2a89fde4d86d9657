import { expect, test } from "bun:test";
import { InOrder } from "./in-order.ts";

const at = (...numbers: [stream: string, seq: number][]) => new Map(numbers);
const rooms =
  (...names: string[]) =>
  () =>
    new Set(names);

function teller() {
  const told: string[] = [];
  const after = async (before: Promise<unknown> | null, name: string, leave: () => void) => {
    await before;
    told.push(name);
    leave();
  };
  return { told, after };
}

const turns = () => new Promise<void>((go) => setImmediate(go));

test("a batch whose answer is late tells before the action that was committed after it", async () => {
  const order = new InOrder();
  const { told, after } = teller();
  const batch = order.begin(rooms("a", "b"));
  const action = order.enter(at(["a", 7], ["b", 3]));
  void after(action.before, "action", action.leave);
  await turns();
  expect(told).toEqual([]);
  void after(
    batch.answered(() => at(["a", 5])),
    "batch",
    batch.told,
  );
  await turns();
  expect(told).toEqual(["batch", "action"]);
});

test("a batch that waited for the action's lock tells behind it", async () => {
  const order = new InOrder();
  const { told, after } = teller();
  const batch = order.begin(rooms("a"));
  const action = order.enter(at(["a", 7]));
  const acted = after(action.before, "action", action.leave);
  void after(
    batch.answered(() => at(["a", 8])),
    "batch",
    batch.told,
  );
  await acted;
  await turns();
  expect(told).toEqual(["action", "batch"]);
});

test("who says nothing in the same rooms waits for nobody", async () => {
  const order = new InOrder();
  const batch = order.begin(rooms("a"));
  expect(order.enter(at(["b", 7])).before).toBeNull();
  expect(batch.answered(() => at(["a", 8]))).toBeNull();
});

test("an action lets go of its place when a batch that was refused says nothing", async () => {
  const order = new InOrder();
  const { told, after } = teller();
  const batch = order.begin(rooms("a"));
  const action = order.enter(at(["a", 7]));
  const acted = after(action.before, "action", action.leave);
  expect(batch.answered(() => at())).toBeNull();
  await acted;
  expect(told).toEqual(["action"]);
});

test("of two actions in one stream the one that came first tells first, however late it is", async () => {
  const order = new InOrder();
  const { told, after } = teller();
  const first = order.enter(at(["a", 7]));
  const second = order.enter(at(["a", 8], ["person 1", 2]));
  const third = order.enter(at(["person 1", 3]));
  void after(third.before, "third", third.leave);
  void after(second.before, "second", second.leave);
  await turns();
  expect(told).toEqual([]);
  void after(first.before, "first", first.leave);
  await turns();
  expect(told).toEqual(["first", "second", "third"]);
});
