import { type Ref, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import type { ThreadView } from "#client/chat.ts";
import type { Level, Message } from "#shared/models.ts";
import { may, type Standing } from "#shared/permissions.ts";
import type { ThreadLog } from "#shared/replica.ts";
import { Composer } from "#web/features/composer/Composer.tsx";
import { EditComposer } from "#web/features/composer/EditComposer.tsx";
import { MessageRow } from "#web/features/timeline/MessageRow.tsx";
import { MessageActsContext } from "#web/features/timeline/message-acts.ts";
import { Timeline, type TimelineHandle } from "#web/features/timeline/Timeline.tsx";
import { useRows } from "#web/features/timeline/use-rows.ts";
import { useUnreadLine } from "#web/features/timeline/use-unread-line.ts";
import { useRoomTitle, useThreadView } from "#web/state/chat.ts";
import { useEditing } from "#web/state/editing.ts";
import { useHouse } from "#web/state/house.ts";
import { useAtDesk } from "#web/state/presence.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button, IconButton } from "#web/ui/Button.tsx";
import { BackIcon, CloseIcon } from "#web/ui/icons.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { Waiting } from "#web/ui/Waiting.tsx";
import { QuietBar } from "./JoinBar.tsx";
import css from "./ThreadPanel.module.css";
import { useGoTo } from "./use-go-to.tsx";
import { useMessageActs } from "./use-message-acts.tsx";

interface ThreadPanelProps {
  roomId: number;
  rootId: number;
  /** The reply that the address names, to be shown in its place. */
  replyId: number | null;
  standing: Standing | null;
  /** It is oneself who blocks the other of a talk of two. */
  blocks: boolean;
  onClose: () => void;
}

/** The thread of one message: what was replied, and where one replies. Another thread is another panel, by its key. */
export function ThreadPanel({ roomId, rootId, replyId, standing, blocks, onClose }: ThreadPanelProps) {
  const { chat, user } = useHouse();
  const view = useThreadView(roomId, rootId);
  const title = useRoomTitle(roomId);
  const [answered, setAnswered] = useState<Message | null>(null);
  const { editing, setEditing, keepText } = useEditing(roomId, rootId);
  const timeline = useRef<TimelineHandle>(null);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    void chat.openThread(roomId, rootId);
    return () => chat.closeThread(rootId);
  }, [chat, roomId, rootId]);
  const edit = useCallback(
    ({ id, content }: Message) =>
      setEditing({ key: `m${id}`, content, save: async (next) => void (await chat.api.editMessage(id, next)) }),
    [chat, setEditing],
  );
  const [, go] = useLocation();
  const seek = useCallback((id: number) => chat.seekReply(rootId, id), [chat, rootId]);
  const { goTo, lost } = useGoTo(timeline, seek, {
    named: view.log === null ? null : replyId,
    onShown: () => go(`/chat/${roomId}/thread/${rootId}`, { replace: true }),
  });
  const { acts, layer } = useMessageActs(standing, { onEdit: edit, onReply: setAnswered, onThread: null, goTo });
  const editLast = () => {
    const own = view.log?.messages.findLast(
      ({ user_id, deleted_at }) => user_id === user.id && deleted_at === undefined,
    );
    if (own) edit(own);
  };
  const mayWrite = standing !== null && may("reply", standing);
  return (
    <section
      ref={panel}
      className={css.panel}
      aria-label="Thread"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <header className={css.header}>
        <button type="button" className={css.back} aria-label="Back to the room" onClick={onClose}>
          <BackIcon />
        </button>
        <div className={css.names}>
          <h2 className={css.title}>Thread</h2>
          <Link href={`/chat/${roomId}/${rootId}`} className={css.where} title="Show it in the room">
            <bdi>{title}</bdi>
          </Link>
        </div>
        {standing !== null && may("follow", standing) && view.log !== null && (
          <>
            {view.readSeq !== null && <TellMeOf roomId={roomId} rootId={rootId} level={view.notify} />}
            <Follow roomId={roomId} rootId={rootId} isOn={view.readSeq !== null} />
          </>
        )}
        <span className={css.close}>
          <IconButton label="Close thread" onClick={onClose}>
            <CloseIcon />
          </IconButton>
        </span>
      </header>
      <MessageActsContext value={acts}>
        <ThreadBody roomId={roomId} rootId={rootId} view={view} ref={timeline} />
      </MessageActsContext>
      {layer}
      {lost}
      {mayWrite && view.log !== null && !editing && (
        <Composer
          roomId={roomId}
          thread={rootId}
          label="Reply in thread"
          onSent={() => timeline.current?.toEnd()}
          onEditLast={editLast}
          onLeave={() => panel.current?.querySelector<HTMLElement>("[role=log]")?.focus()}
          answered={answered}
          onAnswered={() => setAnswered(null)}
        />
      )}
      {mayWrite && editing && (
        <EditComposer
          key={editing.key}
          roomId={roomId}
          content={editing.content}
          written={editing.text}
          onWrite={keepText}
          save={editing.save}
          onDone={() => setEditing(null)}
        />
      )}
      {standing?.place != null && standing.place !== "removed" && !mayWrite && (
        <QuietBar standing={standing} blocks={blocks} />
      )}
    </section>
  );
}

function Follow({ roomId, rootId, isOn }: { roomId: number; rootId: number; isOn: boolean }) {
  const { chat } = useHouse();
  const { busy, run } = useDeed();
  return (
    <button
      type="button"
      className={css.follow}
      aria-pressed={isOn}
      disabled={busy}
      title={isOn ? "You hear of new replies" : "Hear of new replies"}
      onClick={() => void run(() => chat.api.follow(roomId, rootId, !isOn))}
    >
      {isOn ? "Following" : "Follow"}
    </button>
  );
}

/** What one is told of in a thread that one follows: before what is chosen for its room. */
function TellMeOf({ roomId, rootId, level }: { roomId: number; rootId: number; level: Level | null }) {
  const { chat } = useHouse();
  const { busy, run } = useDeed();
  return (
    <select
      className={css.level}
      aria-label="Notifications of this thread"
      value={level ?? "usual"}
      disabled={busy}
      onChange={(event) => {
        const chosen = LEVELS.find((each) => each === event.target.value) ?? null;
        void run(() => chat.api.setThreadLevel(roomId, rootId, chosen));
      }}
    >
      <option value="usual">As usual</option>
      <option value="all">Every reply</option>
      <option value="mentions">What calls me</option>
      <option value="nothing">Nothing</option>
    </select>
  );
}

const LEVELS: readonly Level[] = ["all", "mentions", "nothing"];

interface ThreadBodyProps {
  roomId: number;
  rootId: number;
  view: ThreadView;
  ref: Ref<TimelineHandle>;
}

function ThreadBody({ roomId, rootId, view, ref }: ThreadBodyProps) {
  const { chat } = useHouse();
  if (view.log) return <Replies roomId={roomId} rootId={rootId} view={view} log={view.log} ref={ref} />;
  if (typeof view.status === "string") {
    return (
      <div className={css.waiting} aria-busy="true">
        <Waiting />
      </div>
    );
  }
  const isClosed = "closed" in view.status;
  return (
    <div className={css.waiting}>
      <Notice>
        {isClosed ? "This thread is not here, or not for you to see." : "The thread could not be loaded."}
      </Notice>
      {!isClosed && <Button onClick={() => void chat.openThread(roomId, rootId)}>Try again</Button>}
    </div>
  );
}

function Replies({ roomId, rootId, view, log, ref }: ThreadBodyProps & { log: ThreadLog }) {
  const { chat, user } = useHouse();
  const isAtDesk = useAtDesk();
  const [isAtEnd, setIsAtEnd] = useState(false);
  const { pending } = view;
  const readSeq = view.readSeq ?? undefined;
  const { unreadAfter, isHeld } = useUnreadLine({
    messages: log.messages,
    meId: user.id,
    readSeq,
    isAtDesk,
    newestPending: pending[pending.length - 1]?.nonce,
  });
  const { past } = log;
  const shown = past ?? log;
  const rows = useRows({
    messages: shown.messages,
    happenings: log.happenings,
    complete: shown.before === null,
    pending: past ? [] : pending,
    meId: user.id,
    unreadAfter,
  });
  const last = log.messages.at(-1)?.seq ?? 0;
  useEffect(() => {
    if (readSeq !== undefined && !isHeld && isAtDesk && isAtEnd && last > readSeq) chat.markThreadRead(roomId, rootId);
  }, [chat, roomId, rootId, readSeq, isHeld, isAtDesk, isAtEnd, last]);
  const start = useMemo(
    () => (
      <div className={css.root}>
        <MessageRow message={log.root} head isNewest={log.messages.length === 0} isSought={false} />
        <p className={css.divider}>{countOf(log.root.replies?.n ?? 0)}</p>
      </div>
    ),
    [log.root, log.messages.length],
  );
  const retry = useCallback((nonce: string) => chat.retry(nonce), [chat]);
  const discard = useCallback((nonce: string) => chat.discard(nonce), [chat]);
  return (
    <Timeline
      key={view.sight.key}
      ref={ref}
      label="Replies"
      fromTop
      rows={rows}
      older={shown.before === null ? "none" : view.older}
      newer={past ? view.newer : "none"}
      startsAt={view.sight.at}
      newest={log.messages}
      start={start}
      onOlder={() => void chat.loadOlderReplies(rootId)}
      onNewer={() => void chat.loadNewerReplies(rootId)}
      onNewest={() => chat.toNewestReplies(rootId)}
      onAtEnd={setIsAtEnd}
      onRetry={retry}
      onDiscard={discard}
    />
  );
}

function countOf(n: number): string {
  if (n === 0) return "No replies yet";
  return n === 1 ? "1 reply" : `${n} replies`;
}
