import { memo } from "react";
import { Link } from "wouter";
import type { RoomRow } from "#client/chat.ts";
import { limits } from "#shared/limits.ts";
import { classNames } from "#web/ui/class-names.ts";
import { LockIcon, RoomIcon } from "#web/ui/icons.tsx";
import css from "./Sidebar.module.css";

export const RoomLink = memo(function RoomLink({ row, isChosen }: { row: RoomRow; isChosen: boolean }) {
  const { room, unread } = row;
  return (
    <Link
      href={`/chat/${room.id}`}
      className={classNames(css.room, unread > 0 && css.unread)}
      aria-current={isChosen ? "page" : undefined}
    >
      <span className={css.kind}>{room.kind === "private" ? <LockIcon /> : <RoomIcon />}</span>
      <bdi className={css.name}>{room.name}</bdi>
      {unread > 0 && (
        <span className={css.badge}>
          {unread > limits.unreadCounted ? `${limits.unreadCounted}+` : unread}
          <span className="out-of-sight"> unread</span>
        </span>
      )}
    </Link>
  );
});
