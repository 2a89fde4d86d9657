import { Refusal } from "#shared/errors.ts";
import type { Keys } from "../auth/keys.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Actor } from "../store/sql.ts";
import { NOBODY, type Store } from "../store/store.ts";
import { confirmLetter, digestLetter, isAddress } from "./letters.ts";
import { confirmClaimIn, confirms, confirmToken, readStopToken, stopToken } from "./links.ts";
import type { PostLetter } from "./post-letter.ts";

export interface MailParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly keys: Keys;
  readonly log: Log;
  readonly publicUrl: string;
  readonly post: PostLetter;
  readonly attentive: (userIds: readonly number[]) => Promise<ReadonlySet<number>>;
}

const LOOK_EVERY = 20_000;

/** Letters to people who are away: the one that asks whether an address is theirs, and the digest that they asked for. */
export class Mail {
  readonly #parts: MailParts;
  #isOver = false;
  #cancel = () => {};

  constructor(parts: MailParts) {
    this.#parts = parts;
    this.#again();
  }

  end(): void {
    this.#isOver = true;
    this.#cancel();
  }

  async askForAddress(by: Actor): Promise<void> {
    const { store, clock, keys, publicUrl, post, log } = this.#parts;
    const { username, email, emailKey } = await store.read("mail-state", by);
    if (email === null || emailKey === null || !isAddress(email)) {
      throw new Refusal("invalid", "Your account has no e-mail address that a letter can be sent to.", {
        field: "email",
      });
    }
    const token = confirmToken(keys.mail, by.userId, emailKey, clock.now());
    try {
      await post(confirmLetter(email, username, `${publicUrl}/chat/mail#confirm.${token}`));
    } catch (error) {
      log.warn("a letter was not sent", { why: codeOf(error) });
      throw new Refusal("unavailable", "The letter could not be sent. Try again later.");
    }
  }

  /** By the link in a letter, wherever it is opened. */
  async confirm(token: string): Promise<void> {
    const { store, clock, keys } = this.#parts;
    const claim = confirmClaimIn(token, clock.now());
    if (!claim) throw new Refusal("not_found", LINK_OVER);
    const by = { userId: claim.userId };
    const state = await store.read("mail-state", by).catch(() => null);
    const emailKey = state?.emailKey ?? null;
    if (emailKey === null || !confirms(keys.mail, token, { ...claim, emailKey })) {
      throw new Refusal("not_found", LINK_OVER);
    }
    await store.write("confirm-email", by, { emailKey });
  }

  async stop(token: string): Promise<void> {
    const userId = readStopToken(this.#parts.keys.mail, token);
    if (userId === null) throw new Refusal("not_found", LINK_OVER);
    await this.#parts.store.write("end-digest", { userId });
  }

  #again(): void {
    if (!this.#isOver) this.#cancel = this.#parts.clock.after(LOOK_EVERY, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { store, log } = this.#parts;
    try {
      const userIds = await store.write("next-digests", NOBODY);
      const here = userIds.length === 0 ? new Set<number>() : await this.#parts.attentive(userIds);
      for (const userId of userIds) if (!this.#isOver && !here.has(userId)) await this.#tell(userId);
    } catch (error) {
      log.warn("digests were not looked for", { why: codeOf(error) });
    } finally {
      this.#again();
    }
  }

  async #tell(userId: number): Promise<void> {
    const { store, clock, keys, publicUrl, post, log } = this.#parts;
    const digest = await store.read("digest", NOBODY, { userId, now: clock.now() });
    if (!digest) return;
    const { sentAt, until } = digest;
    if (!(await store.write("take-digest", NOBODY, { userId, sentAt, until }))) return;
    const token = stopToken(keys.mail, userId);
    const letter = digestLetter(digest, {
      home: `${publicUrl}/chat`,
      stopPage: `${publicUrl}/chat/mail#stop.${token}`,
      stop: `${publicUrl}/api/v1/email/stop?token=${token}`,
    });
    try {
      await post(letter);
      const told = digest.messages.map((each) => ({ ...each, userId, how: "letter" as const }));
      await store.write("note-told", NOBODY, { told });
    } catch (error) {
      // One that is lost is not sent again: what it told of is unread all the same.
      log.warn("a letter was not sent", { why: codeOf(error) });
    }
  }
}

const LINK_OVER = "This link is over, or never was. Ask for another letter on your account page.";

/** What a mail server says may name the address: of a fault the code alone goes to the log. */
function codeOf(error: unknown): string {
  return (error as { code?: string } | null)?.code ?? (error instanceof Error ? error.name : "unknown");
}
