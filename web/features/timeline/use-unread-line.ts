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

/** After which seq the unread line stands in the room that is shown. */
export function useUnreadLine({ messages, meId, readSeq, isAtDesk, newestPending }: UnreadSource): UnreadLine {
  const [line, setLine] = useState<UnreadLine>(null);
  const [isOpened, setIsOpened] = useState(false);
  const [sent, setSent] = useState(newestPending);
  const [wasAtDesk, setWasAtDesk] = useState(isAtDesk);
  if (readSeq === undefined) return null;
  const now = { readSeq, isAtDesk, hasUnread: hasUnread(messages, meId, readSeq) };
  let next = line;
  if (!isOpened) {
    setIsOpened(true);
    next = nextUnreadLine(next, "opened", now);
  }
  if (wasAtDesk !== isAtDesk) {
    setWasAtDesk(isAtDesk);
    next = nextUnreadLine(next, isAtDesk ? "came-back" : "went-away", now);
  }
  if (newestPending !== sent) {
    setSent(newestPending);
    // Nonces sort by time: a later one was written now, an earlier one is what a discarded one leaves.
    if (newestPending !== undefined && newestPending > (sent ?? "")) next = nextUnreadLine(next, "sent", now);
  }
  if (next !== line) setLine(next);
  return next;
}

function hasUnread(messages: readonly Message[], meId: number, readSeq: number): boolean {
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i];
    if (!message || message.seq <= readSeq) return false;
    if (message.user_id !== meId && message.deleted_at === undefined) return true;
  }
  return false;
}
