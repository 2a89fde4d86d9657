import type { SendOutcome, StoredSend } from "../messages/send-message.ts";
import type { ArgsOf, Reads, ResultOf, Writes } from "./actions.ts";
import type { Actor } from "./sql.ts";
import type { Tell } from "./tell.ts";

/**
 * The record. What it acknowledges is committed and flushed. Refusals are thrown as `Refusal`; a store that cannot
 * write refuses with `unavailable`, and then nothing of the action was kept.
 */
export interface Store {
  /** The name of this history; another one after a restore. */
  readonly epoch: string;

  /** Sends a message. Both texts are JSON already. */
  send(roomId: number, userId: number, nonceJson: string | null, contentJson: string, waiting: WaitingSend): void;

  write<Name extends keyof Writes>(
    name: Name,
    actor: Actor,
    ...args: ArgsOf<Writes[Name]> extends undefined ? [] : [ArgsOf<Writes[Name]>]
  ): Promise<ResultOf<Writes[Name]>>;

  read<Name extends keyof Reads>(
    name: Name,
    actor: Actor,
    ...args: ArgsOf<Reads[Name]> extends undefined ? [] : [ArgsOf<Reads[Name]>]
  ): Promise<ResultOf<Reads[Name]>>;

  /** The same answer as JSON text, for what only passes through. */
  readText<Name extends keyof Reads>(name: Name, actor: Actor, args: ArgsOf<Reads[Name]>): Promise<string>;

  /** Who hears what committed actions have to tell. One listener: the hub. */
  onTell(listen: (tell: Tell) => void): void;

  /** Called when all sends of a commit are answered and nothing of it is told yet: what was said so far can leave. */
  onAnswered(run: () => void): void;

  /**
   * Resolves when all that was committed by now is told. A read may have seen a commit before its tells are here;
   * whoever goes on from what was read waits for this, or hears them twice.
   */
  told(): Promise<void>;

  /** Since the start, for the metrics. */
  readonly counts: { sends: number; batches: number; waiting: number };

  close(): Promise<void>;
}

export interface WaitingSend {
  /** Its author's answer. All sends of a commit are answered before anything of the commit is told. */
  answer(outcome: SendOutcome): void;
  /** Tells the others, in the order of the log. Not called for what was refused or stored before. */
  tell(sent: StoredSend): void;
}

export const NOBODY: Actor = { userId: 0 };
