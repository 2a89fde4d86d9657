import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import type { RoomStatus } from "#client/chat.ts";
import type { Member, Message } from "#shared/models.ts";
import { may } from "#shared/permissions.ts";
import { Composer } from "#web/features/composer/Composer.tsx";
import { EditComposer } from "#web/features/composer/EditComposer.tsx";
import { PeoplePanel } from "#web/features/people/PeoplePanel.tsx";
import { TypingLine } from "#web/features/people/TypingLine.tsx";
import { MessageActsContext } from "#web/features/timeline/message-acts.ts";
import type { TimelineHandle } from "#web/features/timeline/Timeline.tsx";
import { useKnowsRooms, useMyRoom, useRoom, useRoomTitle, useRoomView, useStanding } from "#web/state/chat.ts";
import { useEditing } from "#web/state/editing.ts";
import { useHouse } from "#web/state/house.ts";
import { messagePath } from "#web/state/message-link.ts";
import { usePinned } from "#web/state/pins.ts";
import { useTitle } from "#web/state/title.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { useIsWide } from "#web/state/wide.ts";
import { Notice } from "#web/ui/Notice.tsx";
import { GoneBar, JoinBar, QuietBar } from "./JoinBar.tsx";
import { memberActions } from "./member-actions.ts";
import { RoomClosed } from "./RoomClosed.tsx";
import { type RoomDialog, RoomDialogs } from "./RoomDialogs.tsx";
import { RoomHeader } from "./RoomHeader.tsx";
import css from "./RoomPage.module.css";
import { RoomTimeline } from "./RoomTimeline.tsx";
import { useGoTo } from "./use-go-to.tsx";
import { useMessageActs } from "./use-message-acts.tsx";

const ThreadPanel = lazy(() => import("./ThreadPanel.tsx").then((module) => ({ default: module.ThreadPanel })));
const Sheet = lazy(() => import("#web/ui/Dialog.tsx").then((module) => ({ default: module.Dialog })));

interface RoomPageProps {
  roomId: number;
  /** The message that the address names, to be shown in its place. */
  messageId: number | null;
  /** The reply in that thread that the address names. */
  replyId: number | null;
  /** The message whose thread the address names, to be shown beside the room. */
  rootId: number | null;
  showsPeople: boolean;
  onShowPeople: (show: boolean) => void;
}

/** One room: its messages, what one writes, and who is there. Another room is another RoomPage, by its key. */
export function RoomPage({ roomId, messageId, rootId, replyId, showsPeople, onShowPeople }: RoomPageProps) {
  const { chat, user } = useHouse();
  const view = useRoomView(roomId);
  const room = useRoom(roomId);
  const mine = useMyRoom(roomId);
  const standing = useStanding(roomId);
  const knowsRooms = useKnowsRooms();
  const pins = usePinned(roomId);
  const isWide = useIsWide();
  const [, go] = useLocation();
  const [showsSheet, setShowsSheet] = useState(false);
  const [dialog, setDialog] = useState<RoomDialog | null>(null);
  const [answered, setAnswered] = useState<Message | null>(null);
  const { editing, setEditing, keepText } = useEditing(roomId);
  const timeline = useRef<TimelineHandle>(null);
  const place = useRef<HTMLDivElement>(null);
  const title = useRoomTitle(roomId);
  useTitle(title || "Room");

  const isMember = mine !== undefined;
  useEffect(() => {
    void chat.openRoom(roomId);
    return () => chat.toNewest(roomId);
  }, [chat, roomId]);
  const toEnd = useCallback(() => timeline.current?.toEnd(), []);
  const seek = useCallback((id: number) => chat.seek(roomId, id), [chat, roomId]);
  const { goTo, lost } = useGoTo(timeline, seek, {
    named: view.log !== null && knowsRooms ? messageId : null,
    onShown: () => go(`/chat/${roomId}`, { replace: true }),
  });
  const toMessages = useCallback(() => place.current?.querySelector<HTMLElement>("[role=log]")?.focus(), []);
  const edit = useCallback(
    ({ id, content }: Message) => {
      setEditing({ key: `m${id}`, content, save: async (next) => void (await chat.api.editMessage(id, next)) });
    },
    [chat, setEditing],
  );
  const openThread = useCallback(({ id }: Message) => go(`/chat/${roomId}/thread/${id}`), [go, roomId]);
  const { acts, layer } = useMessageActs(standing, { onEdit: edit, onReply: setAnswered, onThread: openThread, goTo });
  const closeThread = () => {
    go(`/chat/${roomId}`);
    requestAnimationFrame(toMessages);
  };
  const editLast = () => {
    const send = view.pending.findLast(({ state }) => typeof state === "string");
    const message = view.log?.messages.findLast((own) => own.user_id === user.id && own.deleted_at === undefined);
    if (send) {
      const { nonce, content } = send;
      setEditing({ key: nonce, content, save: async (next) => chat.editPending(nonce, next) });
    } else if (message) edit(message);
  };
  const deed = useDeed();
  const run = (work: () => Promise<unknown>) => void deed.run(async () => void (await work()));
  const talkWith = (member: Member) =>
    run(async () => go(`/chat/${(await chat.api.openDirect({ user_ids: [member.user_id] })).id}`));
  const [other] = mine?.people ?? [];
  const left = mine?.room.pair && other?.gone ? other : null;
  const mayWrite = isMember && standing !== null && may("send", standing) && !left;
  const blocks = mine?.people.some(({ id }) => chat.replica.blocks.has(id)) ?? false;
  const blocking = {
    isOn: (member: Member) => chat.replica.blocks.has(member.user_id),
    turn: (member: Member, on: boolean) =>
      run(() => (on ? chat.api.block(member.user_id) : chat.api.unblock(member.user_id))),
  };
  const isCovered = rootId !== null && !isWide;
  const closed = closedBy(view.status);
  if (closed !== null) return <RoomClosed why={closed} />;
  const show = (wanted: RoomDialog) => {
    setShowsSheet(false);
    setDialog(wanted);
  };
  const people = (
    <PeoplePanel
      roomId={roomId}
      view={view}
      fault={showsSheet ? (deed.fault?.detail ?? null) : null}
      showsRemoved={standing !== null && standing.kind !== "direct" && may("add-members", standing)}
      actionsOn={(member) => memberActions(member, standing, show, talkWith, blocking)}
    />
  );
  return (
    <div className={css.room} ref={place}>
      <div className={css.talk} inert={isCovered}>
        <RoomHeader
          roomId={roomId}
          pins={pins}
          present={view.active?.count ?? null}
          showsPeople={isWide ? showsPeople : showsSheet}
          onPeople={() => (isWide ? onShowPeople(!showsPeople) : setShowsSheet(true))}
          onDialog={setDialog}
          onDeed={run}
        />
        <MessageActsContext value={acts}>
          <RoomTimeline
            roomId={roomId}
            view={view}
            isKnown={knowsRooms}
            isCovered={isCovered || messageId !== null}
            ref={timeline}
          />
        </MessageActsContext>
        {layer}
        {lost}
        {deed.fault && !showsSheet && (
          <div className={css.fault}>
            <Notice>{deed.fault.detail}</Notice>
          </div>
        )}
        <TypingLine names={view.typing} />
        {mayWrite && !editing && (
          <Composer
            roomId={roomId}
            label={`Message ${title}`}
            onSent={toEnd}
            onEditLast={editLast}
            onLeave={toMessages}
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
        {left && <GoneBar person={left} />}
        {isMember && standing && !may("send", standing) && !left && <QuietBar standing={standing} blocks={blocks} />}
        {!isMember && room && knowsRooms && <JoinBar room={room} />}
      </div>
      {rootId !== null && view.log !== null && (
        <aside className={css.thread} aria-label="Thread beside the room">
          <Suspense>
            <ThreadPanel
              key={rootId}
              roomId={roomId}
              rootId={rootId}
              replyId={replyId}
              standing={standing}
              blocks={blocks}
              onClose={closeThread}
            />
          </Suspense>
        </aside>
      )}
      {isWide && showsPeople && rootId === null && (
        <aside className={css.people} aria-label="People">
          {people}
        </aside>
      )}
      <Suspense>
        {!isWide && showsSheet && (
          <Sheet title="People" shape="sheet" onClose={() => setShowsSheet(false)}>
            {people}
          </Sheet>
        )}
      </Suspense>
      {dialog !== null && room && (
        <RoomDialogs
          dialog={dialog}
          room={room}
          view={view}
          mayPin={standing !== null && may("pin", standing)}
          goTo={(message) => (message.thread === undefined ? goTo(message.id) : go(messagePath(message)))}
          onClose={() => setDialog(null)}
        />
      )}
    </div>
  );
}

function closedBy(status: RoomStatus): "removed" | "not_found" | "forbidden" | null {
  return typeof status === "object" && "closed" in status ? status.closed : null;
}
