import { act } from "./act.ts";
import { Dice } from "./dice.ts";
import { judge } from "./judge.ts";
import { makeWorld, type Plant } from "./world.ts";

export interface FuzzResult {
  readonly seed: number;
  readonly faults: string[];
  /** What was done, in order. */
  readonly trace: string[];
  /** The store's actions that were asked for. */
  readonly done: ReadonlySet<string>;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly received: number;
  readonly restarts: number;
  readonly cuts: number;
}

/** Longer than any request waits for its answer. */
const PATIENCE = 35_000;

/** One run: people at their devices do what they like while lines break and the server restarts; then all is judged. */
export async function fuzz(seed: number, plant: Plant = {}): Promise<FuzzResult> {
  const dice = new Dice(seed);
  const world = await makeWorld(dice, plant);
  try {
    const underWay = new Map<Promise<void>, string>();
    for (let step = dice.from(80, 240); step > 0; step--) {
      const acting = act(world).finally(() => underWay.delete(acting));
      underWay.set(acting, world.trace.at(-1) ?? "");
      const pace = dice.throw();
      if (pace < 0.3) await Promise.race([acting, Bun.sleep(PATIENCE)]);
      else if (pace < 0.8) await new Promise<void>((go) => setTimeout(go, dice.from(0, 8)));
    }
    await Promise.race([Promise.all(underWay.keys()), Bun.sleep(PATIENCE)]);
    for (const deed of underWay.values()) world.recorder.fault(`without an end: ${deed}`);
    const { faults, verdict } = await judge(world);
    const count = (deed: string) => world.trace.filter((line) => line.startsWith(`${deed} `)).length;
    const { acknowledged, unknown, received } = verdict;
    const figures = { acknowledged, unknown, received, restarts: count("restart"), cuts: count("cut") };
    return { seed, faults, trace: world.trace, done: world.done, ...figures };
  } finally {
    for (const { chat } of world.devices) chat.stop();
    await world.server[Symbol.asyncDispose]();
  }
}
