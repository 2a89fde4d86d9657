import { useState } from "react";
import type { Message } from "#shared/models.ts";
import { nextUnreadLine, type UnreadLine } from "./unread-line.ts";

interface UnreadSource {
  readonly messages: readonly Message[];
  readonly meId: number;
  /** undefined: not a member, for whom nothing is unread. */
  readonly readSeq: number | undefined;
  readonly isAtDesk: boolean;
  readonly newestPending: string | undefined;
}

interface ShownUnread {
  /** After which seq the unread line stands in the room that is shown. */
  readonly unreadAfter: UnreadLine;
  /** What was marked unread stays so while one looks at it, until one comes back or speaks. */
  readonly isHeld: boolean;
}

export function useUnreadLine({ messages, meId, readSeq, isAtDesk, newestPending }: UnreadSource): ShownUnread {
  const [line, setLine] = useState<UnreadLine>(null);
  const [isOpened, setIsOpened] = useState(false);
  const [sent, setSent] = useState(newestPending);
  const [wasAtDesk, setWasAtDesk] = useState(isAtDesk);
  const [read, setRead] = useState(readSeq);
  const [isHeld, setIsHeld] = useState(false);
  if (readSeq === undefined) return { unreadAfter: null, isHeld: false };
  const now = { readSeq, isAtDesk, hasUnread: hasUnread(messages, meId, readSeq) };
  let next = line;
  if (!isOpened) {
    setIsOpened(true);
    next = nextUnreadLine(next, "opened", now);
  }
  if (read !== readSeq) {
    setRead(readSeq);
    if (read !== undefined && readSeq < read) {
      setIsHeld(true);
      next = nextUnreadLine(next, "marked-unread", now);
    }
  }
  if (wasAtDesk !== isAtDesk) {
    setWasAtDesk(isAtDesk);
    if (isAtDesk) setIsHeld(false);
    next = nextUnreadLine(next, isAtDesk ? "came-back" : "went-away", now);
  }
  if (newestPending !== sent) {
    setSent(newestPending);
    // Nonces sort by time: a later one was written now, an earlier one is what a discarded one leaves.
    if (newestPending !== undefined && newestPending > (sent ?? "")) {
      setIsHeld(false);
      next = nextUnreadLine(next, "sent", now);
    }
  }
  if (next !== line) setLine(next);
  return { unreadAfter: next, isHeld };
}

function hasUnread(messages: readonly Message[], meId: number, readSeq: number): boolean {
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i];
    if (!message || message.seq <= readSeq) return false;
    if (message.user_id !== meId && message.deleted_at === undefined) return true;
  }
  return false;
}
