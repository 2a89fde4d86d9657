import { createContext, useContext } from "react";
import type { Message } from "#shared/models.ts";

/** What can be done to the messages that are shown, by the person who looks at them. */
export interface MessageActs {
  readonly meId: number;
  readonly mayReact: boolean;
  /** Whether there is anything to choose from in the menu of this message. */
  hasMenu(message: Message): boolean;
  openMenu(message: Message, anchor: HTMLElement): void;
  openEmojis(message: Message, anchor: HTMLElement): void;
  react(message: Message, emoji: string, on: boolean): void;
  /** Null: this person may not write here. */
  readonly reply: ((message: Message) => void) | null;
  /** Opens the thread of a message; null: what is shown is a thread. */
  readonly openThread: ((message: Message) => void) | null;
  readonly mayReplyInThread: boolean;
  /** Shows the message in its place. */
  goTo(id: number): void;
  /** Null: this person has no place in the room that could be moved. */
  readonly markUnread: ((message: Message) => void) | null;
  /** Whether what it said before is for this person to read. */
  mayShowTexts(message: Message): boolean;
  showTexts(message: Message): void;
  /** The names of those who put each emoji on it. */
  whoReacted(message: Message): Promise<ReadonlyMap<string, readonly string[]>>;
}

export const MessageActsContext = createContext<MessageActs | null>(null);

export function useMessageActs(): MessageActs | null {
  return useContext(MessageActsContext);
}
