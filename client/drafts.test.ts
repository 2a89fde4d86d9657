import { expect, test } from "bun:test";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { emptyReplica } from "#shared/replica.ts";
import { Drafts } from "./drafts.ts";
import { FakeClock } from "./fakes/clock.ts";

const ROOM = 7;

function desk(kept: [string, string][] = []) {
  const clock = new FakeClock();
  const replica = emptyReplica();
  const local = new Map(kept);
  const told: string[] = [];
  const places: [number, number | undefined][] = [];
  let version = 0;
  let answer: "take" | "refuse" | "offline" = "take";
  const drafts = new Drafts({
    replica,
    clock,
    api: {
      async keepDraft(room_id, content, thread) {
        told.push(content);
        places.push([room_id, thread]);
        if (answer === "offline") throw new Error("no answer");
        if (answer === "refuse") throw new Refusal("full");
        version += 1;
        const where = thread === undefined ? { room_id } : { room_id, thread };
        return { ...where, content, version, written_at: "2026-01-01T00:00:00.000Z" };
      },
    },
    storage: {
      load: () => [...local],
      save(place, content) {
        if (content === null) local.delete(place);
        else local.set(place, content);
      },
    },
    changed() {},
  });
  return { clock, replica, local, told, places, drafts, answers: (next: typeof answer) => (answer = next) };
}

const settled = () => new Promise<void>((go) => setImmediate(go));

test("a draft is told once in a while and not at each key, and kept here only until the server has it", async () => {
  const { clock, drafts, told, local } = desk();
  for (const text of ["H", "He", "Hel", "Hello"]) drafts.write(text, ROOM);
  expect([told, [...local]]).toEqual([[], [["7", "Hello"]]]);
  await clock.advance(limits.draftEvery);
  drafts.write("Hello y", ROOM);
  await settled();
  await clock.advance(limits.draftEvery);
  await settled();
  expect([told, [...local], drafts.of(ROOM)]).toEqual([["Hello", "Hello y"], [], "Hello y"]);
});

test("a draft that is sent is emptied at once", async () => {
  const { clock, drafts, told } = desk();
  drafts.write("Hello", ROOM);
  await clock.advance(limits.draftEvery);
  await settled();
  drafts.write("", ROOM);
  expect([told.at(-1), drafts.of(ROOM)]).toEqual(["", ""]);
});

test("what a closed tab could not tell is told by the next", async () => {
  const { drafts, told, local } = desk([["7", "left behind"]]);
  expect(drafts.of(ROOM)).toBe("left behind");
  drafts.ready();
  await settled();
  expect([told, [...local]]).toEqual([["left behind"], []]);
});

test("what finds nobody goes again, and what is not taken stays on its device until it is written on", async () => {
  const { clock, drafts, told, local, answers } = desk();
  answers("offline");
  drafts.write("Hello", ROOM);
  await clock.advance(limits.draftEvery);
  await settled();
  answers("refuse");
  drafts.ready();
  await settled();
  drafts.ready();
  await clock.advance(60_000);
  await settled();
  expect([told, [...local], drafts.of(ROOM)]).toEqual([["Hello", "Hello"], [["7", "Hello"]], "Hello"]);
  answers("take");
  drafts.write("Hell", ROOM);
  await clock.advance(limits.draftEvery);
  await settled();
  expect([told.at(-1), [...local]]).toEqual(["Hell", []]);
});

test("what is begun in a thread is kept beside what is begun in its room, and each goes by its own way", async () => {
  const { drafts, places, told, local } = desk([["7.12", "left behind"]]);
  drafts.write("to the room", ROOM);
  expect([drafts.of(ROOM), drafts.of(ROOM, 12), drafts.of(ROOM, 13)]).toEqual(["to the room", "left behind", ""]);
  drafts.ready();
  await settled();
  expect([told, places]).toEqual([
    ["left behind", "to the room"],
    [
      [ROOM, 12],
      [ROOM, undefined],
    ],
  ]);
  expect([[...local], drafts.of(ROOM, 12)]).toEqual([[], "left behind"]);
});
