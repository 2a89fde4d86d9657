import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { see, seeNo, seePath } from "./sight.ts";

/** Somebody at a browser of their own. What they do is done by what the page says, as a person would find it. */
export class Guest {
  readonly url: string;
  readonly context: BrowserContext;
  readonly page: Page;

  constructor(url: string, context: BrowserContext, page: Page) {
    this.url = url;
    this.context = context;
    this.page = page;
  }

  static async at(url: string, browser: Browser, options: BrowserContextOptions = {}): Promise<Guest> {
    const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(20_000);
    return new Guest(url, context, await context.newPage());
  }

  /** The same person at a further tab of the same browser. */
  async otherTab(): Promise<Guest> {
    return new Guest(this.url, this.context, await this.context.newPage());
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(this.url + path);
  }

  async signUp(username: string, password = passwordOf(username)): Promise<void> {
    await this.goTo("/signup");
    await this.field("User name").fill(username);
    await this.field("Password").fill(password);
    await this.button("Create account").click();
    await this.isInside();
  }

  async logIn(username: string, password = passwordOf(username)): Promise<void> {
    await this.goTo("/login");
    await this.field("User name").fill(username);
    await this.field("Password").fill(password);
    await this.button("Log in").click();
    await this.isInside();
  }

  async logOut(): Promise<void> {
    await this.page.bringToFront(); // behind another tab a browser draws once a second, and a click waits for that
    await this.page.getByRole("link", { name: "your account" }).click();
    await this.button("Log out").click();
    await seePath(this.page, "/login");
  }

  async createRoom(name: string): Promise<void> {
    await this.button("Create room").click();
    const dialog = this.page.getByRole("dialog", { name: "Create a room" });
    await dialog.getByRole("textbox", { name: "Name", exact: true }).fill(name);
    await dialog.getByRole("button", { name: "Create room" }).click();
    await this.isIn(name);
  }

  async findAndJoin(name: string): Promise<void> {
    await this.page.getByRole("link", { name: "Browse rooms" }).click();
    await this.page.getByRole("searchbox", { name: "Find a room" }).fill(name);
    await this.button(`Join ${name}`).click();
    await this.isIn(name);
  }

  async openRoom(name: string): Promise<void> {
    await this.roomLink(name).click();
    await this.isIn(name);
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** What stands in the timeline's view now, oldest first, as "alice: hello". */
  async reads(): Promise<string[]> {
    return this.articles.evaluateAll((articles) =>
      articles.map((article) => {
        const author = article.querySelector("bdi")?.textContent ?? "";
        return `${author}: ${article.querySelector("p")?.textContent ?? ""}`;
      }),
    );
  }

  async isInside(): Promise<void> {
    await see(this.page.getByRole("link", { name: "your account" }));
  }

  async isIn(room: string): Promise<void> {
    await see(this.page.getByRole("heading", { level: 1, name: room, exact: true }), this.composer);
  }

  async isOnline(): Promise<void> {
    await seeNo(this.page.getByText(/Connecting|Catching up|Next try in|connection was lost|server is restarting/));
  }

  get log(): Locator {
    return this.page.getByRole("log", { name: "Messages" });
  }

  get articles(): Locator {
    return this.log.getByRole("article");
  }

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: /^Message / });
  }

  get hereNow(): Locator {
    return this.page.getByRole("region", { name: "Here now" }).getByRole("listitem");
  }

  roomLink(name: string): Locator {
    return this.page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name });
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  async leave(): Promise<void> {
    await this.context.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }
}

/** The password that `person` of the tests' support gives too, so that whom it made can log in by the page. */
export function passwordOf(username: string): string {
  return `${username}'s long password`;
}
