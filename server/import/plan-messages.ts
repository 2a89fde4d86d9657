import { limits } from "#shared/limits.ts";
import { contentFault, isBlank, utf8Bytes } from "#shared/text.ts";
import { type Note, plain } from "./rules.ts";
import { hasOtherBytes, idOf, isTrue, keptId, type SourceRow, textOf } from "./source.ts";
import { timeOf } from "./times.ts";

/** One message of the source: several where its text is too long for one. */
export interface PlannedMessage {
  readonly sourceId: string;
  readonly id: number | null;
  readonly roomId: number;
  readonly userId: number;
  readonly texts: readonly string[];
  readonly at: number;
}

export interface People {
  readonly now: number;
  readonly keepIds: boolean;
  /** For messages without a time of their own: that of the one before. */
  lastAt: number;
  userOf(sourceId: string): number | undefined;
  roomOf(sourceId: string): number | undefined;
  /** Whom messages of unknown authors belong to. */
  readonly former: number;
}

/** What becomes of a row; null: it is left out, and a note says why. */
export function planMessage(row: SourceRow, given: People, note: (...note: Note) => void): PlannedMessage | null {
  const sourceId = idOf(row.id) ?? "";
  const is = `message ${plain(sourceId)}`;
  if (row.deleted !== undefined && isDeleted(row)) return left("taken-back", is);
  const roomId = given.roomOf(idOf(row.room) ?? "");
  if (roomId === undefined) return left("room-unknown", `${is} in ${plain(idOf(row.room) ?? "none")}`);
  const original = textOf(row.content) ?? "";
  const content = original.toWellFormed().replaceAll("\u0000", "");
  if (isBlank(content)) return left("text-empty", is);
  if (content !== original) note("text-signs", is);
  if (hasOtherBytes(row.content)) note("text-bytes", is);
  const texts = contentFault(content) === "too_long" ? parts(content) : [content];
  if (texts.length > 1) note("text-long", `${is} in ${texts.length}`);
  const userId = given.userOf(idOf(row.user) ?? "");
  const id = given.keepIds ? keptId(sourceId) : null;
  if (given.keepIds && id === null) note("id-new", is);
  if (userId === undefined) note("author-unknown", `${is} of ${plain(idOf(row.user) ?? "nobody")}`);
  return {
    sourceId,
    id,
    roomId,
    userId: userId ?? given.former,
    texts,
    at: timeFor(row, given, () => note("message-time", is)),
  };

  function left(...why: Note): null {
    note(...why);
    return null;
  }
}

/** A mark, or the time at which it was done. */
function isDeleted({ deleted }: SourceRow): boolean {
  return isTrue(deleted) || (deleted !== null && timeOf(deleted) !== null && !/^\d{1,2}$/.test(textOf(deleted) ?? ""));
}

function timeFor(row: SourceRow, given: People, changed: () => void): number {
  const at = timeOf(row.time);
  if (at === null || at > given.now) changed();
  else given.lastAt = at;
  return given.lastAt;
}

const BREAK = /[\n ]$/;

/** In pieces that each can be sent, cut after a line or a word where one ends in the last part of the piece. */
function parts(content: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  let count = 0;
  let bytes = 0;
  let lastBreak = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(content)) {
    for (const part of utf8Bytes(segment) > limits.contentBytes ? segment : [segment]) {
      const size = utf8Bytes(part);
      if (count + 1 > limits.contentGraphemes || bytes + size > limits.contentBytes) {
        const cut = lastBreak > piece.length * 0.8 ? lastBreak : piece.length;
        pieces.push(piece.slice(0, cut));
        piece = piece.slice(cut);
        count = graphemes(piece);
        bytes = utf8Bytes(piece);
        lastBreak = 0;
      }
      piece += part;
      count += 1;
      bytes += size;
      if (BREAK.test(part)) lastBreak = piece.length;
    }
  }
  return [...pieces, piece].filter((text) => !isBlank(text));
}

function graphemes(text: string): number {
  let count = 0;
  for (const _ of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) count += 1;
  return count;
}
