import { expect, test } from "bun:test";
import { season } from "./season.ts";

test("[S3] a server that is killed three times in the middle of a flood loses nothing it acknowledged, and doubles nothing", async () => {
  const { kills, unanswered, askedAgain, judgement } = await season({ kills: 3 });
  expect(judgement.failures).toEqual([]);
  expect(kills).toBe(3);
  expect(unanswered).toBeGreaterThan(0);
  expect(askedAgain).toBeGreaterThan(0);
  expect(judgement.verdict.acknowledged).toBe(judgement.verdict.attempts);
});
