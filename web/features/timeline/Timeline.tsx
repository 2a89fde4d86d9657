import { type ReactNode, type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import type { Message } from "#shared/models.ts";
import { Button } from "#web/ui/Button.tsx";
import { DownIcon } from "#web/ui/icons.tsx";
import { walkRows } from "./RowButtons.tsx";
import { RowView } from "./RowView.tsx";
import type { Row } from "./rows.ts";
import { isNearEnd, isNearStart, type Measure, ScrollAnchor } from "./scroll-anchor.ts";
import css from "./Timeline.module.css";

export interface TimelineHandle {
  toEnd(): void;
  /** Answers whether the message is among the rows. */
  toMessage(id: number): boolean;
}

interface TimelineProps {
  /** What is listed. */
  label?: string;
  /** What does not fill the view stands at its top. */
  fromTop?: boolean;
  rows: readonly Row[];
  older: "none" | "idle" | "loading" | "failed";
  /** Whether the rows end before the newest message; `none`: they do not. */
  newer: "none" | "idle" | "loading" | "failed";
  /** The message at which the rows are shown first; null: the first unread one, or the newest. */
  startsAt: number | null;
  /** The newest messages, which may not be among the rows. */
  newest: readonly Message[];
  /** Drawn above the first message of the room. */
  start: ReactNode;
  onOlder: () => void;
  onNewer: () => void;
  /** The newest are wanted, and are not among the rows. */
  onNewest: () => void;
  /** Told once the first rows have found their place, and then at each change. */
  onAtEnd: (atEnd: boolean) => void;
  onRetry: (nonce: string) => void;
  onDiscard: (nonce: string) => void;
  ref?: Ref<TimelineHandle>;
}

const ABOVE_UNREAD = 72;

export function Timeline(props: TimelineProps) {
  const { label = "Messages", fromTop = false, rows, older, newer, startsAt, newest, start, ref } = props;
  const { onOlder, onNewer, onNewest, onAtEnd, onRetry, onDiscard } = props;
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [anchor] = useState(() => new ScrollAnchor());
  const isShort = newer !== "none";
  const [atEnd, setAtEnd] = useState(true);
  const [placed, setPlaced] = useState(false);
  const newestSeq = newest.at(-1)?.seq ?? 0;
  const lastKey = rows.at(-1)?.key;
  const newestKey = rows.findLast((row) => row.kind === "message")?.key;
  const [leftAt, setLeftAt] = useState(newestSeq);
  const oldest = oldestSeq(rows);
  const [sought, setSought] = useState(startsAt === null ? null : `m${startsAt}`);
  const shownOldest = useRef(oldest);
  const prepended = oldest < shownOldest.current;

  // Not by the list: that goes on correcting its aim for a while, against a reader who scrolls up meanwhile.
  const toEnd = () => scroller.current?.scrollTo({ top: scroller.current.scrollHeight, behavior: "instant" });
  const note = () => {
    if (anchor.atEnd !== atEnd) {
      setAtEnd(anchor.atEnd);
      onAtEnd(anchor.atEnd);
      setLeftAt(newestSeq);
    }
  };
  const look = () => {
    const now = measure(list.current);
    if (!now || !placed) return;
    anchor.moved(now);
    note();
    if (older === "idle" && isNearStart(now)) onOlder();
    else if (newer === "idle" && isNearEnd(now)) onNewer();
  };
  const toNewest = () => {
    if (isShort) return onNewest();
    anchor.toEnd();
    note();
    toEnd();
  };

  useLayoutEffect(() => {
    shownOldest.current = oldest;
  }, [oldest]);
  useLayoutEffect(() => {
    anchor.isShort = isShort;
  }, [anchor, isShort]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only other rows are a reason to move
  useLayoutEffect(() => {
    if (rows.length === 0) return;
    if (placed) {
      if (anchor.atEnd) toEnd();
      return;
    }
    const wanted = startsAt === null ? -1 : rows.findIndex((row) => row.key === `m${startsAt}`);
    const unread = wanted < 0 ? rows.findIndex((row) => row.kind === "unread") : -1;
    const isElsewhere = wanted >= 0 || unread >= 0;
    if (isElsewhere) anchor.atEnd = false;
    else toEnd();
    if (wanted >= 0) {
      list.current?.scrollToIndex(wanted, { align: "center" });
      scroller.current?.focus();
    } else if (unread >= 0) list.current?.scrollToIndex(unread, { align: "start", offset: -ABOVE_UNREAD });
    // Where that led is known when the rows it brought into view have been measured.
    const settle = setTimeout(() => {
      const now = measure(list.current);
      if (now && isElsewhere) anchor.startAt(now);
      setPlaced(true);
      setAtEnd(anchor.atEnd);
      onAtEnd(anchor.atEnd);
    }, 60);
    return () => clearTimeout(settle);
  }, [rows, placed]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a page that does not fill the view brings no scroll event
  useLayoutEffect(look, [placed, oldest, older, newer, lastKey]);

  useImperativeHandle(ref, () => ({
    toEnd: toNewest,
    toMessage(id) {
      const at = rows.findIndex((row) => row.key === `m${id}`);
      if (at < 0) return false;
      anchor.atEnd = false;
      setSought(`m${id}`);
      list.current?.scrollToIndex(at, { align: "center" });
      scroller.current?.focus();
      return true;
    },
  }));

  const unseen = atEnd ? 0 : countAfter(newest, leftAt);
  return (
    <div className={css.frame}>
      <div
        ref={scroller}
        className={css.scroller}
        role="log"
        aria-label={label}
        aria-live={placed && atEnd ? "polite" : "off"}
        aria-relevant="additions"
        aria-busy={older === "loading" || newer === "loading"}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard cannot scroll what it cannot reach
        tabIndex={0}
        onKeyDown={(event) => {
          if (walkRows(event.currentTarget, event.target, event.key)) event.preventDefault();
        }}
      >
        {!fromTop && <div className={css.filler} />}
        <Virtualizer
          ref={list}
          data={rows}
          shift={prepended}
          bufferSize={600}
          onScroll={look}
          onResize={() => (anchor.atEnd ? toEnd() : look())}
        >
          {(row) => (
            <RowView
              key={row.key}
              row={row}
              start={start}
              isNewest={row.key === newestKey}
              isSought={row.key === sought}
              onRetry={onRetry}
              onDiscard={onDiscard}
            />
          )}
        </Virtualizer>
        <div className={css.end} />
      </div>
      {older === "loading" && (
        <div className={css.older} role="status">
          Loading older messages
        </div>
      )}
      {older === "failed" && (
        <div className={css.older}>
          Older messages could not be loaded. <Button onClick={onOlder}>Try again</Button>
        </div>
      )}
      {newer === "failed" && (
        <div className={css.older}>
          Newer messages could not be loaded. <Button onClick={onNewer}>Try again</Button>
        </div>
      )}
      {placed && !atEnd && (
        <button type="button" className={css.down} data-unseen={unseen > 0} onClick={toNewest}>
          <DownIcon />
          {unseen === 0
            ? "Newest messages"
            : unseen === 1
              ? "1 new message"
              : `${unseen > 999 ? "999+" : unseen} new messages`}
        </button>
      )}
    </div>
  );
}

function measure(list: VirtualizerHandle | null): Measure | null {
  if (!list || list.viewportSize === 0) return null;
  return { offset: list.scrollOffset, size: list.scrollSize, viewport: list.viewportSize };
}

function oldestSeq(rows: readonly Row[]): number {
  const first = rows.find((row) => row.kind === "message");
  return first?.kind === "message" ? first.message.seq : Number.POSITIVE_INFINITY;
}

function countAfter(messages: readonly Message[], seq: number): number {
  return messages.length - 1 - messages.findLastIndex((message) => message.seq <= seq);
}
