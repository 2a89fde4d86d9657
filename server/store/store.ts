import type { SendOutcome } from "../messages/send-message.ts";
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

  /**
   * Sends a message. Both texts are JSON already. `done` is called in the order of the commits, before anything of a
   * later commit is told.
   */
  send(roomId: number, userId: number, nonceJson: string | null, contentJson: string, done: SendDone): void;

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

  /**
   * Resolves when all that was committed by now is told. A read may have seen a commit before its tells are here;
   * whoever goes on from what was read waits for this, or hears them twice.
   */
  told(): Promise<void>;

  /** Since the start, for the metrics. */
  readonly counts: { sends: number; batches: number; waiting: number };

  close(): Promise<void>;
}

export type SendDone = (outcome: SendOutcome) => void;

export const NOBODY: Actor = { userId: 0 };
