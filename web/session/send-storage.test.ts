import { expect, test } from "bun:test";
import type { StoredSend } from "#client/chat.ts";
import { FakeClock } from "#client/fakes/clock.ts";
import { FakeBrowser } from "./fakes/browser.ts";
import { byLease } from "./one-at-a-time.ts";
import { sendStorage } from "./send-storage.ts";

test("what was not answered survives a reload, for its author alone", async () => {
  const { open, clock } = house();
  const first = open(1);
  first.storage.keep(item("a"));
  first.hide();
  const other = open(2);
  const again = open(1);
  await clock.advance(1_000);
  expect(again.sends).toEqual([item("a")]);
  expect(other.sends).toEqual([]);
});

test("two tabs that both write lose nothing of each other's, and neither sends what is the other's", async () => {
  const { open, clock, browser } = house();
  const [one, two] = [open(1), open(1)];
  one.storage.keep(item("a"));
  two.storage.keep(item("b"));
  one.storage.keep(item("c"));
  two.storage.drop("b");
  await clock.advance(300_000);
  expect(queued(browser)).toEqual(["a", "c"]);
  expect([one.sends, two.sends]).toEqual([[], []]);
});

test("what a closed tab leaves is taken over by one of those that live, by the one that is looked at first", async () => {
  const { open, clock } = house();
  const closing = open(1);
  closing.storage.keep(item("a"));
  closing.storage.keep(item("b"));
  const hidden = open(1, { isLookedAt: false });
  const shown = [open(1), open(1)];
  closing.hide();
  await clock.advance(1_000);
  expect(shown.map(({ sends }) => sends.length).sort()).toEqual([0, 2]);
  await clock.advance(300_000);
  expect(hidden.sends).toEqual([]);
  expect(shown.map(({ sends }) => sends.length).sort()).toEqual([0, 2]);
});

test("what a tab leaves that is reloaded is not taken by one that has no line, unless none comes back for it", async () => {
  const { open, clock } = house();
  const reloaded = open(1);
  reloaded.storage.keep(item("a"));
  const cut = open(1, { isUp: false });
  reloaded.hide();
  await clock.advance(1_000);
  const back = open(1);
  await clock.advance(1_000);
  expect([cut.sends.length, back.sends.length]).toEqual([0, 1]);
  back.hide();
  await clock.advance(30_000);
  expect(cut.sends.length).toBe(1);
});

test("a tab that ended without a word keeps what it wrote from the others for as long as its lease lasts", async () => {
  const { open, clock, browser } = house();
  const lost = open(1);
  lost.storage.keep(item("a"));
  lost.freeze();
  const living = open(1);
  await clock.advance(60_000);
  expect(living.sends).toEqual([]);
  await clock.advance(60_000);
  expect(living.sends).toEqual([item("a")]);
  expect([...browser.texts.keys()].filter((key) => key.startsWith("parlour.tab."))).toHaveLength(1);
});

test("a lease from before the clock was set back holds nothing up", async () => {
  const { open, clock, browser } = house();
  browser.texts.set("parlour.queue.1.a", JSON.stringify({ ...item("a"), tab: "gone" }));
  browser.texts.set("parlour.tab.gone", String(clock.now() + 3_600_000));
  const tab = open(1);
  await clock.advance(1_000);
  expect(tab.sends).toEqual([item("a")]);
});

test("a tab hears what another took over or threw away, and of its own says nothing", async () => {
  const { open, clock } = house();
  const asleep = open(1);
  asleep.storage.keep(item("a"));
  asleep.storage.keep(item("b"));
  asleep.storage.drop("b");
  asleep.freeze();
  const living = open(1);
  await clock.advance(120_000);
  expect(asleep.gone).toEqual(["a"]);
  living.storage.drop("a");
  expect(living.gone).toEqual([]);
});

test("an empty queue and a log-out leave nothing behind", () => {
  const { open, browser } = house();
  const tab = open(1);
  tab.storage.keep(item("a"));
  tab.storage.drop("a");
  tab.end();
  expect(browser.texts.size).toBe(0);
});

test("what is kept and cannot be read is left out", async () => {
  const { open, clock, browser } = house();
  browser.texts.set("parlour.queue.1.x", "{");
  browser.texts.set("parlour.queue.1.y", JSON.stringify({ nonce: 1 }));
  const tab = open(1);
  await clock.advance(1_000);
  expect(tab.sends).toEqual([]);
});

function item(nonce: string): StoredSend {
  return { nonce, room_id: 1, content: `text of ${nonce}`, at: 5, failed: null };
}

function queued(browser: FakeBrowser): string[] {
  const nonces = [...browser.texts.keys()].filter((key) => key.startsWith("parlour.queue."));
  return nonces.map((key) => key.split(".").at(-1) ?? "").sort();
}

function house() {
  const clock = new FakeClock();
  const browser = new FakeBrowser();
  let count = 0;
  const randomText = () => `random-${count++}`;
  const open = (userId: number, { isLookedAt = true, isUp = true } = {}) => {
    const kept = browser.open();
    const pages = new Map<string, () => void>();
    let isFrozen = false;
    const storage = sendStorage(
      {
        kept,
        clock: {
          now: () => clock.now(),
          after: (ms, run) => clock.after(ms, () => isFrozen || run()),
        },
        oneAtATime: byLease("parlour.sending", kept, clock, randomText, () => () => {}),
        randomText,
        onPage(happens, run) {
          pages.set(happens, run);
          return () => void pages.delete(happens);
        },
        isLookedAt: () => isLookedAt,
      },
      userId,
    );
    const sends: StoredSend[] = [];
    const gone: string[] = [];
    const end = storage.watch({
      yours: (found) => sends.push(...found),
      gone: (nonce) => gone.push(nonce),
      isUp: () => isUp,
    });
    return {
      storage,
      sends,
      gone,
      end,
      /** As a browser does with a page that is closed or reloaded: nothing of it runs any more. */
      hide: () => {
        pages.get("pagehide")?.();
        isFrozen = true;
        end();
      },
      freeze: () => {
        isFrozen = true;
      },
    };
  };
  return { open, clock, browser };
}
