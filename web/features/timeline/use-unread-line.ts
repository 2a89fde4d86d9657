import { useState } from "react";
import { nextUnreadLine, type UnreadLine } from "./unread-line.ts";

interface UnreadSource {
  /** undefined: not a member, for whom nothing is unread. */
  readonly readSeq: number | undefined;
  readonly isAtDesk: boolean;
  readonly newestPending: string | undefined;
}

/** After which seq the unread line stands in the room that is shown. */
export function useUnreadLine({ readSeq, isAtDesk, newestPending }: UnreadSource): UnreadLine {
  const [line, setLine] = useState<UnreadLine>(null);
  const [isOpened, setIsOpened] = useState(false);
  const [sent, setSent] = useState(newestPending);
  const [wasAtDesk, setWasAtDesk] = useState(isAtDesk);
  let next = line;
  if (readSeq !== undefined && !isOpened) {
    setIsOpened(true);
    next = nextUnreadLine(next, { type: "opened", readSeq });
  }
  if (wasAtDesk !== isAtDesk) {
    setWasAtDesk(isAtDesk);
    if (!isAtDesk && readSeq !== undefined) next = nextUnreadLine(next, { type: "went-away", readSeq });
  }
  if (newestPending !== sent) {
    setSent(newestPending);
    if (newestPending !== undefined) next = nextUnreadLine(next, { type: "sent" });
  }
  if (next !== line) setLine(next);
  return next;
}
