/** After which seq the unread line stands; null: nowhere. */
export type UnreadLine = number | null;

export interface Reading {
  /** How far the person has read, by the read cursor. */
  readonly readSeq: number;
  /** Whether somebody else has said something after that. */
  readonly hasUnread: boolean;
  readonly isAtDesk: boolean;
}

/**
 * The line parts what came while the reader was away from what they know. It stays where it is while they read on,
 * although the read cursor moves; what they see arriving needs no line.
 */
export function nextUnreadLine(
  line: UnreadLine,
  step: "opened" | "went-away" | "came-back" | "sent" | "marked-unread",
  now: Reading,
): UnreadLine {
  switch (step) {
    case "opened":
      return now.hasUnread || !now.isAtDesk ? now.readSeq : null;
    case "went-away":
    case "marked-unread":
      return now.readSeq;
    case "came-back":
      return now.hasUnread ? line : null;
    case "sent":
      return null;
    default:
      return step satisfies never;
  }
}
