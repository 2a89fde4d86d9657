import { expect, test } from "bun:test";
import { FakeClock } from "./fakes/clock.ts";
import { People } from "./people.ts";

type Answer = { id: number; username: string; display_name: string; hue: number | null }[];

function made(answer: (ids: readonly number[]) => Promise<Answer>) {
  const clock = new FakeClock();
  const asked: (readonly number[])[] = [];
  let changes = 0;
  const faces = async (ids: readonly number[]) => {
    asked.push(ids);
    return { items: await answer(ids), next: null };
  };
  const people = new People({ api: { faces } as never, clock, changed: () => changes++ });
  return { people, clock, asked, changes: () => changes };
}

const ann = { id: 1, username: "ann", display_name: "Ann of the Garden", hue: 30 };
const heard = { type: "member.renamed", room_id: 1, seq: 2, timestamp: "", actor_id: 1 } as const;

test("people who are shown together are asked for together, once", async () => {
  const { people, clock, asked } = made(async () => [ann]);
  for (const id of [1, 2, 1]) people.want(id);
  await clock.advance(100);
  for (const id of [1, 2]) people.want(id);
  await clock.advance(100);
  expect(asked).toEqual([[1, 2]]);
  expect(people.face(1)).toEqual({ id: 1, username: "ann", display_name: "Ann of the Garden", hue: 30 });
  expect(people.face(2)).toBeNull();
});

test("what was heard while an answer was on its way is newer than the answer", async () => {
  let tell = () => {};
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const { people, clock } = made(() => told.then(() => [ann]));
  people.want(1);
  await clock.advance(100);
  people.heard({ ...heard, user_id: 1, username: "ann", display_name: "Ann now" });
  tell();
  await clock.advance(100);
  expect(people.face(1)).toEqual({ id: 1, username: "ann", display_name: "Ann now" });
});

test("after a cut those who are known are asked for again, and nothing changes for who is the same", async () => {
  const { people, clock, asked, changes } = made(async () => [ann]);
  people.want(1);
  await clock.advance(100);
  const before = people.face(1);
  people.again();
  await clock.advance(100);
  expect(asked).toEqual([[1], [1]]);
  expect(people.face(1)).toBe(before);
  expect(changes()).toBe(1);
});

test("where no answer came they are asked for again a while later", async () => {
  let isDown = true;
  const { people, clock, asked } = made(async () => {
    if (isDown) throw new Error("down");
    return [ann];
  });
  people.want(1);
  await clock.advance(100);
  isDown = false;
  await clock.advance(20_000);
  expect(asked).toHaveLength(2);
  expect(people.face(1)?.hue).toBe(30);
});
