import { type Caller, call, Offline } from "#client/call.ts";
import type { Clock } from "#client/clock.ts";
import type { Session } from "#client/session.ts";
import type { SignUp, WebSession } from "#shared/contract/accounts.ts";
import { Refusal } from "#shared/errors.ts";
import type { Account } from "#shared/models.ts";
import { forgetOthers, forgetPerson, forgetSession, type Kept } from "./kept.ts";
import type { OneAtATime } from "./one-at-a-time.ts";
import type { Tabs } from "./tabs.ts";

export type SessionState =
  | { readonly status: "unknown" }
  | { readonly status: "unreachable" }
  /** `ended`: the server closed it, by its own rules or from another device. */
  | { readonly status: "out"; readonly why: "never" | "left" | "ended" }
  | { readonly status: "in"; readonly user: Account };

export interface BrowserSessionParts extends Caller {
  readonly kept: Kept;
  readonly tabs: Tabs;
  readonly oneAtATime: OneAtATime;
  readonly randomText: () => string;
}

const BROWSER = "parlour.browser";
/** Says that this browser has a cookie worth trying, so that a newcomer's first page asks for nothing in vain. */
const HINT = "parlour.session";
const RENEW_BEFORE = 30_000;

/** The access token lives in memory only; the refresh token is a cookie that scripts cannot read. */
export class BrowserSession implements Session {
  state: SessionState = { status: "unknown" };
  readonly #parts: BrowserSessionParts;
  readonly #listeners = new Set<() => void>();
  #held: { token: string; until: number } | null = null;
  #renewal: Promise<string> | null = null;
  #leaving: Promise<void> | null = null;

  constructor(parts: BrowserSessionParts) {
    this.#parts = parts;
    parts.tabs.hear((news) => {
      if (news.type === "session") this.#hold(news.session);
      else this.#leave(news.why);
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Goes on with the session that the browser's cookie stands for, if there is one. */
  async restore(): Promise<void> {
    if (this.#parts.kept.get(HINT) === null) return this.#change({ status: "out", why: "never" });
    try {
      await this.accessToken();
    } catch (error) {
      if (this.state.status === "unknown" && !isEnd(error)) this.#change({ status: "unreachable" });
    }
  }

  async logIn(username: string, password: string): Promise<void> {
    await this.#enter("login", { username, password });
  }

  async signUp(account: SignUp): Promise<void> {
    await this.#enter("signup", account);
  }

  /** Rejects with Offline when the server was not told: the cookie would still be good, so the person stays logged in. */
  logOut(): Promise<void> {
    this.#leaving ??= this.#logOut().finally(() => {
      this.#leaving = null;
    });
    return this.#leaving;
  }

  async #logOut(): Promise<void> {
    try {
      await this.#post("logout", {});
    } catch (error) {
      if (!isEnd(error)) throw error;
    }
    this.#parts.tabs.tell({ type: "out", why: "left" });
    this.#leave("left");
  }

  async accessToken(): Promise<string> {
    // A log-out closes the socket before it is answered: whoever asks then must not take it for an end by the server.
    await this.#leaving?.catch(() => {});
    if (this.state.status === "out") throw new Refusal("session_ended");
    if (this.#held && this.#parts.clock.now() < this.#held.until) return this.#held.token;
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  rejected(token: string): void {
    if (this.#held?.token === token) this.#held = null;
  }

  /** The socket heard that the session is over. */
  ended(): void {
    this.#parts.tabs.tell({ type: "out", why: "ended" });
    this.#leave("ended");
  }

  #renew(): Promise<string> {
    const clock: Clock = this.#parts.clock;
    return this.#parts.oneAtATime(async () => {
      // Another tab may have logged out or renewed while this one waited for its turn.
      if (this.state.status === "out") throw new Refusal("session_ended");
      if (this.#held && clock.now() < this.#held.until) return this.#held.token;
      try {
        const session = (await this.#post("refresh", { nonce: this.#browser() })) as WebSession;
        this.#parts.tabs.tell({ type: "session", session });
        this.#hold(session);
        return session.access_token;
      } catch (error) {
        if (!isEnd(error)) throw error;
        this.ended();
        throw new Refusal("session_ended");
      }
    });
  }

  async #enter(door: "login" | "signup", body: object): Promise<void> {
    const session = (await this.#post(door, body)) as WebSession;
    this.#parts.kept.set(HINT, "1");
    this.#parts.tabs.tell({ type: "session", session });
    this.#hold(session);
  }

  #post(door: string, body: object): Promise<unknown> {
    return call(this.#parts, "POST", `/api/v1/web/${door}`, { body });
  }

  #hold(session: WebSession): void {
    const lasts = session.expires_in * 1_000;
    this.#held = {
      token: session.access_token,
      until: this.#parts.clock.now() + lasts - Math.min(RENEW_BEFORE, lasts / 10),
    };
    const same = this.state.status === "in" && this.state.user.id === session.user.id;
    if (same) return;
    forgetOthers(this.#parts.kept, session.user.id);
    this.#change({ status: "in", user: session.user });
  }

  #leave(why: "left" | "ended"): void {
    this.#held = null;
    forgetWhoLeft(this.#parts.kept, why);
    if (this.state.status !== "out") this.#change({ status: "out", why });
  }

  #change(state: SessionState): void {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }

  /** One text per browser: a refresh of the same cookie by two of its tabs is then the same refresh. */
  #browser(): string {
    const known = this.#parts.kept.get(BROWSER);
    if (known !== null) return known;
    const made = this.#parts.randomText();
    this.#parts.kept.set(BROWSER, made);
    return made;
  }
}

export function forgetWhoLeft(kept: Kept, why: "never" | "left" | "ended"): void {
  if (why === "left") forgetPerson(kept);
  else forgetSession(kept);
}

function isEnd(error: unknown): boolean {
  return !(error instanceof Offline) && error instanceof Refusal && error.status === 401;
}
