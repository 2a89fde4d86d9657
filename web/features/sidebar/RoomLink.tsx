import { memo } from "react";
import { Link } from "wouter";
import type { RoomRow } from "#client/chat.ts";
import { nameOf } from "#client/room-title.ts";
import { limits } from "#shared/limits.ts";
import type { Face, Room } from "#shared/models.ts";
import { useSeen } from "#web/state/chat.ts";
import { useDraft } from "#web/state/kept.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { classNames } from "#web/ui/class-names.ts";
import { DraftSign } from "#web/ui/DraftSign.tsx";
import { LockIcon, MutedIcon, PeopleIcon, RoomIcon, ThreadIcon } from "#web/ui/icons.tsx";
import { SeenDot } from "#web/ui/SeenDot.tsx";
import css from "./Sidebar.module.css";

export const RoomLink = memo(function RoomLink({ row, isChosen }: { row: RoomRow; isChosen: boolean }) {
  const { room, title, people, unread, unreadThreads, called } = row;
  const hasDraft = useDraft(room.id, undefined) !== "" && !isChosen;
  const isMuted = row.notify === "nothing";
  const [other] = people;
  return (
    <Link
      href={`/chat/${room.id}`}
      className={classNames(css.room, isMuted && css.muted, !isMuted && unread > 0 && css.unread)}
      aria-current={isChosen ? "page" : undefined}
    >
      <span className={css.kind}>{other && people.length === 1 ? <Other {...other} /> : signOf(room)}</span>
      <bdi className={css.name}>{title}</bdi>
      {hasDraft && <DraftSign />}
      {room.archived && <span className={css.note}>archived</span>}
      {unreadThreads > 0 && (
        <span
          className={css.threads}
          title={unreadThreads === 1 ? "New in a thread" : `New in ${unreadThreads} threads`}
        >
          <ThreadIcon size={17} />
          <span className="out-of-sight">new replies in threads</span>
        </span>
      )}
      {isMuted && (
        <span className={css.bell} title="You are told of nothing here">
          <MutedIcon />
          <span className="out-of-sight">muted</span>
        </span>
      )}
      {called > 0 && (
        <span className={classNames(css.badge, css.called)}>
          @{called >= limits.calledCounted ? `${limits.calledCounted - 1}+` : called}
          <span className="out-of-sight"> calling you</span>
        </span>
      )}
      {unread > 0 && !isMuted && (
        <span className={css.badge}>
          {unread > limits.unreadCounted ? `${limits.unreadCounted}+` : unread}
          <span className="out-of-sight"> unread</span>
        </span>
      )}
    </Link>
  );
});

/** The other one of a talk of two. */
function Other(person: Face) {
  const seen = useSeen(person.id);
  return (
    <span className={css.other}>
      <Avatar id={person.id} name={nameOf(person)} hue={person.hue ?? null} size={20} />
      <SeenDot seen={seen} />
      {seen !== null && <span className="out-of-sight">{seen}</span>}
    </span>
  );
}

function signOf(room: Room) {
  if (room.kind === "direct") return <PeopleIcon />;
  return room.kind === "private" ? <LockIcon /> : <RoomIcon />;
}
