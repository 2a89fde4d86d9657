/**
 * Where the unread line stands: after which seq. It is set when the room is opened and when the reader goes away, and
 * stays where it is while they read, although the read cursor moves on.
 */
export type UnreadLine = number | null;

export type UnreadStep =
  /** The room came into view, or the reader went away from it; up to here it was read. */
  | { readonly type: "opened" | "went-away"; readonly readSeq: number }
  /** Who answers has read. */
  | { readonly type: "sent" };

export function nextUnreadLine(line: UnreadLine, step: UnreadStep): UnreadLine {
  switch (step.type) {
    case "opened":
      return step.readSeq;
    case "went-away":
      return Math.max(line ?? 0, step.readSeq);
    case "sent":
      return null;
    default:
      return step satisfies never;
  }
}
