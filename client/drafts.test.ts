import { expect, test } from "bun:test";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { emptyReplica } from "#shared/replica.ts";
import { Drafts } from "./drafts.ts";
import { FakeClock } from "./fakes/clock.ts";

const ROOM = 7;

function desk(kept: [number, string][] = []) {
  const clock = new FakeClock();
  const replica = emptyReplica();
  const local = new Map(kept);
  const told: string[] = [];
  let version = 0;
  let answer: "take" | "refuse" | "offline" = "take";
  const drafts = new Drafts({
    replica,
    clock,
    api: {
      async keepDraft(room_id, content) {
        told.push(content);
        if (answer === "offline") throw new Error("no answer");
        if (answer === "refuse") throw new Refusal("full");
        version += 1;
        return { room_id, content, version, written_at: "2026-01-01T00:00:00.000Z" };
      },
    },
    storage: {
      load: () => [...local],
      save(room, content) {
        if (content === null) local.delete(room);
        else local.set(room, content);
      },
    },
    changed() {},
  });
  return { clock, replica, local, told, drafts, answers: (next: typeof answer) => (answer = next) };
}

const settled = () => new Promise<void>((go) => setImmediate(go));

test("a draft is told once in a while and not at each key, and kept here only until the server has it", async () => {
  const { clock, drafts, told, local } = desk();
  for (const text of ["H", "He", "Hel", "Hello"]) drafts.write(ROOM, text);
  expect([told, [...local]]).toEqual([[], [[ROOM, "Hello"]]]);
  await clock.advance(limits.draftEvery);
  drafts.write(ROOM, "Hello y");
  await settled();
  await clock.advance(limits.draftEvery);
  await settled();
  expect([told, [...local], drafts.of(ROOM)]).toEqual([["Hello", "Hello y"], [], "Hello y"]);
});

test("a draft that is sent is emptied at once", async () => {
  const { clock, drafts, told } = desk();
  drafts.write(ROOM, "Hello");
  await clock.advance(limits.draftEvery);
  await settled();
  drafts.write(ROOM, "");
  expect([told.at(-1), drafts.of(ROOM)]).toEqual(["", ""]);
});

test("what a closed tab could not tell is told by the next", async () => {
  const { drafts, told, local } = desk([[ROOM, "left behind"]]);
  expect(drafts.of(ROOM)).toBe("left behind");
  drafts.ready();
  await settled();
  expect([told, [...local]]).toEqual([["left behind"], []]);
});

test("what finds nobody goes again, and what is not taken stays on its device until it is written on", async () => {
  const { clock, drafts, told, local, answers } = desk();
  answers("offline");
  drafts.write(ROOM, "Hello");
  await clock.advance(limits.draftEvery);
  await settled();
  answers("refuse");
  drafts.ready();
  await settled();
  drafts.ready();
  await clock.advance(60_000);
  await settled();
  expect([told, [...local], drafts.of(ROOM)]).toEqual([["Hello", "Hello"], [[ROOM, "Hello"]], "Hello"]);
  answers("take");
  drafts.write(ROOM, "Hell");
  await clock.advance(limits.draftEvery);
  await settled();
  expect([told.at(-1), [...local]]).toEqual(["Hell", []]);
});
