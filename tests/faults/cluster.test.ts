import { expect, test } from "bun:test";
import { clusterSeason } from "./cluster-season.ts";

test("three nodes under talk lose nothing when the bus, a node, the database and a node's time are broken", async () => {
  const { judgement, withoutBus, removals } = await clusterSeason({
    seconds: 45,
    people: 60,
    rooms: 15,
    rate: 90,
    natsAway: 4,
    nodePaused: 8,
    say() {},
  });
  expect(judgement.failures).toEqual([]);
  expect(judgement.verdict.acknowledged).toBeGreaterThan(1_000);
  expect(removals).toBeGreaterThan(3);
  expect(withoutBus.most).toBeLessThan(2_500);
}, 240_000);
