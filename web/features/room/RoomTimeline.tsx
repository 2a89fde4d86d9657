import { type Ref, useCallback, useEffect, useMemo, useState } from "react";
import type { PendingSend, RoomView } from "#client/chat.ts";
import type { Happening } from "#shared/models.ts";
import type { Past } from "#shared/past.ts";
import { Timeline, type TimelineHandle } from "#web/features/timeline/Timeline.tsx";
import { useRows } from "#web/features/timeline/use-rows.ts";
import { useUnreadLine } from "#web/features/timeline/use-unread-line.ts";
import { useMyRoom, useRoom, useRoomTitle } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { useAtDesk } from "#web/state/presence.ts";
import { Button } from "#web/ui/Button.tsx";
import { Waiting } from "#web/ui/Waiting.tsx";
import css from "./RoomPage.module.css";
import { RoomStart } from "./RoomStart.tsx";

interface RoomTimelineProps {
  roomId: number;
  view: RoomView;
  /** Whether it is known what was read; before that the unread line would be in the wrong place. */
  isKnown: boolean;
  /** A thread stands before it, or another message is sought: what arrives is not seen. */
  isCovered: boolean;
  ref: Ref<TimelineHandle>;
}

export function RoomTimeline({ isKnown, ...shown }: RoomTimelineProps) {
  const { chat } = useHouse();
  const { roomId, view } = shown;
  if (view.log && isKnown) return <LoadedTimeline {...shown} />;
  const hasFailed = typeof view.status === "object" && "failed" in view.status;
  return (
    <div className={css.waiting} aria-busy={!hasFailed}>
      {!hasFailed && <Waiting />}
      {hasFailed && (
        <>
          <p>The messages could not be loaded.</p>
          <Button onClick={() => void chat.openRoom(roomId)}>Try again</Button>
        </>
      )}
    </div>
  );
}

function LoadedTimeline({ roomId, view, isCovered, ref }: Omit<RoomTimelineProps, "isKnown">) {
  const { chat, user } = useHouse();
  const room = useRoom(roomId);
  const title = useRoomTitle(roomId);
  const mine = useMyRoom(roomId);
  const isAtDesk = useAtDesk() && !isCovered;
  const [isAtEnd, setIsAtEnd] = useState(false);
  const { log, pending } = view;
  const past = log?.past ?? null;
  const shown = past ?? log;
  const readSeq = mine?.read_seq;
  const { unreadAfter, isHeld } = useUnreadLine({
    messages: log?.messages ?? [],
    meId: user.id,
    readSeq,
    isAtDesk,
    newestPending: pending[pending.length - 1]?.nonce,
  });
  const rows = useRows({
    messages: shown?.messages ?? [],
    happenings: log ? happeningsIn(log.happenings, past) : [],
    complete: shown?.before === null,
    pending: past ? NONE : pending,
    meId: user.id,
    unreadAfter,
  });

  const seq = log?.seq ?? 0;
  const isEmpty = log !== null && log.messages.length === 0;
  useEffect(() => {
    if (readSeq === undefined || isHeld || !isAtDesk || !(isAtEnd || isEmpty)) return;
    if (seq > readSeq) chat.markRead(roomId, seq);
  }, [chat, roomId, readSeq, isHeld, isAtDesk, isAtEnd, isEmpty, seq]);

  const start = useMemo(
    () => room && <RoomStart room={room} title={title} isEmpty={isEmpty && pending.length === 0} />,
    [room, title, isEmpty, pending],
  );
  const retry = useCallback((nonce: string) => chat.retry(nonce), [chat]);
  const discard = useCallback((nonce: string) => chat.discard(nonce), [chat]);
  return (
    <Timeline
      key={view.sight.key}
      ref={ref}
      rows={rows}
      older={shown?.before === null ? "none" : view.older}
      newer={past ? view.newer : "none"}
      startsAt={view.sight.at}
      newest={log?.messages ?? []}
      start={start}
      onOlder={() => void chat.loadOlder(roomId)}
      onNewer={() => void chat.loadNewer(roomId)}
      onNewest={() => chat.toNewest(roomId)}
      onAtEnd={setIsAtEnd}
      onRetry={retry}
      onDiscard={discard}
    />
  );
}

const NONE: readonly PendingSend[] = [];

/** Of the past no more than lies before the hole that follows it. */
function happeningsIn(happenings: readonly Happening[], past: Past | null): readonly Happening[] {
  if (past === null) return happenings;
  const last = past.messages.at(-1)?.seq ?? 0;
  return happenings.filter(({ seq }) => seq < last);
}
