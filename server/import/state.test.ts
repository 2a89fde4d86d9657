import { expect, test } from "bun:test";
import { Report } from "./rules.ts";
import { newState, readState, writeState } from "./state.ts";

test("an import that was ended before its first step goes on as it began: no message falls to 1970", () => {
  expect(readState(writeState(newState(1_700_000_000_000)))).toEqual(newState(1_700_000_000_000));
});

test("a state that is read again tells all that was noted", () => {
  const state = newState(5);
  state.report.note(["text-empty", "message 1"], ["text-empty", "message 2"], ["id-repeated", "7"]);
  state.report.counts.messages = 3;
  const again = readState(writeState({ ...state, after: 9, lastAt: 8 }));
  expect(again).toMatchObject({ after: 9, lastAt: 8 });
  expect(again.report).toBeInstanceOf(Report);
  expect(again.report.lines()).toEqual(state.report.lines());
  expect(again.report.counts).toEqual({ users: 0, rooms: 0, messages: 3 });
});
