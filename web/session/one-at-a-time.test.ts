import { expect, test } from "bun:test";
import { FakeClock } from "#client/fakes/clock.ts";
import { FakeBrowser } from "./fakes/browser.ts";
import { byLease } from "./one-at-a-time.ts";

test("two tabs without Web Locks work one after the other", async () => {
  const { clock, tab } = browser();
  const story: string[] = [];
  const work = (name: string) => async () => {
    story.push(`${name} begins`);
    await new Promise<void>((resolve) => clock.after(500, resolve));
    story.push(`${name} ends`);
  };
  const both = Promise.all([tab("a")(work("a")), tab("b")(work("b"))]);
  await clock.advance(3_000);
  await both;
  expect(story.map((each) => each.split(" ")[1])).toEqual(["begins", "ends", "begins", "ends"]);
});

test("a lease that a closed tab left behind holds nobody up for longer than it lasts", async () => {
  const { clock, tab, texts } = browser();
  texts.set("parlour.lease", `gone ${clock.now() + 10_000}`);
  let isDone = false;
  const work = tab("a")(async () => {
    isDone = true;
  });
  await clock.advance(9_000);
  expect(isDone).toBe(false);
  await clock.advance(2_000);
  await work;
  expect(isDone).toBe(true);
  expect(texts.has("parlour.lease")).toBe(false);
});

test("work that fails gives the lease back", async () => {
  const { clock, tab, texts } = browser();
  const work = tab("a")(() => Promise.reject(new Error("no"))).catch((error: Error) => error.message);
  await clock.advance(100);
  expect(await work).toBe("no");
  expect(texts.has("parlour.lease")).toBe(false);
});

test("a page that goes away in the middle of its work gives the lease back", async () => {
  const { clock, tab, texts, leave } = browser();
  let isDone = false;
  void tab("a")(() => new Promise<void>(() => {}));
  await clock.advance(100);
  expect(texts.has("parlour.lease")).toBe(true);
  leave();
  const work = tab("b")(async () => {
    isDone = true;
  });
  await clock.advance(200);
  await work;
  expect(isDone).toBe(true);
});

function browser() {
  const clock = new FakeClock();
  const { kept, texts } = new FakeBrowser();
  const leaving = new Set<() => void>();
  const onLeave = (run: () => void) => {
    leaving.add(run);
    return () => void leaving.delete(run);
  };
  const leave = () => {
    for (const run of leaving) run();
  };
  return { clock, texts, leave, tab: (name: string) => byLease("parlour.lease", kept, clock, () => name, onLeave) };
}
