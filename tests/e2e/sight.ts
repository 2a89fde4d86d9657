import type { Locator, Page } from "playwright-core";
import { eventually } from "#tests/support/eventually.ts";

const PATIENCE = 20_000;

/** Waits until each of them can be seen. */
export async function see(...things: readonly Locator[]): Promise<void> {
  for (const thing of things) await thing.first().waitFor({ state: "visible", timeout: PATIENCE });
}

/** Waits until none of them can be seen. */
export async function seeNo(...things: readonly Locator[]): Promise<void> {
  for (const thing of things) {
    await eventually(async () => {
      for (const one of await thing.all()) if (await one.isVisible()) throw new Error(`${thing} is still to be seen`);
    }, PATIENCE);
  }
}

export async function seePath(page: Page, path: string | RegExp): Promise<void> {
  const fits = ({ pathname }: URL) => (typeof path === "string" ? pathname === path : path.test(pathname));
  await page.waitForURL(fits, { timeout: PATIENCE, waitUntil: "commit" });
}

/** Waits until something read from the page satisfies the check; the check throws until then, as `expect` does. */
export async function seeThat<Value>(read: () => Promise<Value>, check: (value: Value) => void): Promise<void> {
  await eventually(async () => check(await read()), PATIENCE);
}
