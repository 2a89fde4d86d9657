import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Face, RoomKind } from "#shared/models.ts";
import { may } from "#shared/permissions.ts";
import { useMyRoom, useRoom, useRooms, useRoomTitle, useStanding, useStatus } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { classNames } from "#web/ui/class-names.ts";
import { BackIcon, LockIcon, MoreIcon, PeopleIcon, PinIcon, RoomIcon } from "#web/ui/icons.tsx";
import { Menu, type MenuItem } from "#web/ui/Menu.tsx";
import type { RoomDialog } from "./RoomDialogs.tsx";
import css from "./RoomHeader.module.css";

interface RoomHeaderProps {
  roomId: number;
  present: number | null;
  pins: number;
  showsPeople: boolean;
  onPeople: () => void;
  onDialog: (dialog: RoomDialog) => void;
  /** Does something that may be refused, and shows why. */
  onDeed: (work: () => Promise<unknown>) => void;
}

export function RoomHeader({ roomId, present, pins, showsPeople, onPeople, onDialog, onDeed }: RoomHeaderProps) {
  const room = useRoom(roomId);
  const title = useRoomTitle(roomId);
  const mine = useMyRoom(roomId);
  const items = useActions(roomId, onDialog, onDeed);
  const [other, ...others] = room?.kind === "direct" ? (mine?.people ?? []) : [];
  return (
    <header className={css.header}>
      <Link href="/chat" className={css.back} aria-label="Back to the rooms">
        <BackIcon />
      </Link>
      {room && <span className={css.kind}>{signs[room.kind]}</span>}
      <div className={css.names}>
        <h1 className={css.name}>
          <bdi>{title}</bdi>
        </h1>
        {other && others.length === 0 && <Other person={other} />}
        {room?.archived && <p className={classNames(css.description, css.archived)}>Archived</p>}
        {room && !room.archived && room.description !== "" && (
          <p className={css.description} title={room.description}>
            {room.description}
          </p>
        )}
      </div>
      <div className={css.actions}>
        {pins > 0 && (
          <button
            type="button"
            className={css.people}
            aria-label={`Pinned messages, ${pins}`}
            title="Pinned messages"
            onClick={() => onDialog({ kind: "pins" })}
          >
            <PinIcon />
            <span aria-hidden="true">{pins}</span>
          </button>
        )}
        <button
          type="button"
          className={css.people}
          aria-label={present === null ? "People" : `People, ${present} here now`}
          title="People"
          aria-pressed={showsPeople}
          onClick={onPeople}
        >
          <PeopleIcon />
          {present !== null && <span aria-hidden="true">{present}</span>}
        </button>
        {items.length > 0 && <Menu label="Room menu" icon={<MoreIcon />} items={items} />}
      </div>
    </header>
  );
}

/** Who the other of a talk of two is, and what they are up to. */
function Other({ person: { id, username, display_name } }: { person: Face }) {
  const status = useStatus(id);
  const isNamed = display_name !== undefined && display_name !== username;
  if (!isNamed && status === null) return null;
  return (
    <p className={css.description} title={status?.text}>
      {isNamed && <bdi>{username}</bdi>}
      {isNamed && status !== null && " · "}
      {status !== null && <bdi>{status.text}</bdi>}
    </p>
  );
}

const signs: Record<RoomKind, ReactNode> = {
  public: <RoomIcon />,
  private: <LockIcon />,
  direct: <PeopleIcon />,
};

/** What this person may do with this room. */
function useActions(
  roomId: number,
  onDialog: RoomHeaderProps["onDialog"],
  onDeed: RoomHeaderProps["onDeed"],
): MenuItem[] {
  const room = useRoom(roomId);
  const standing = useStanding(roomId);
  const mine = useMyRoom(roomId);
  const { chat } = useHouse();
  const hasUnread = useRooms().some((row) => row.room.id === roomId && row.unread + row.unreadThreads > 0);
  if (!standing) return [];
  const isDirect = standing.kind === "direct";
  const mayLeave = may("leave", standing) && room?.pair === undefined;
  const archive = standing.archived
    ? {
        label: "Bring back from the archive",
        run: () => onDeed(() => chat.api.changeRoom(roomId, { archived: false })),
      }
    : { label: "Archive room", run: () => onDialog({ kind: "archive" }) };
  const apart = (body: { favourite?: boolean; hidden?: boolean }) => () =>
    onDeed(() => chat.api.setApart(roomId, body));
  const inList = mine
    ? [
        mine.favourite
          ? { label: "Take out of favourites", run: apart({ favourite: false }) }
          : { label: "Add to favourites", run: apart({ favourite: true }) },
        mine.hidden
          ? { label: "Show in the list", run: apart({ hidden: false }) }
          : { label: "Hide while quiet", run: apart({ hidden: true }) },
      ]
    : [];
  return [
    ...(may("change", standing) ? [{ label: "Room settings", run: () => onDialog({ kind: "change" }) }] : []),
    ...(may("add-members", standing) ? [{ label: "Add people", run: () => onDialog({ kind: "add" }) }] : []),
    ...(may("add-members", standing) && !isDirect
      ? [{ label: "Invite link", run: () => onDialog({ kind: "invite" }) }]
      : []),
    ...(hasUnread ? [{ label: "Mark as read", run: () => chat.markRoomRead(roomId) }] : []),
    ...(mine ? [{ label: "Notifications", run: () => onDialog({ kind: "notify" }) }] : []),
    ...inList,
    ...(may("change", standing) ? [archive] : []),
    ...(mayLeave
      ? [{ label: isDirect ? "Leave conversation" : "Leave room", run: () => onDialog({ kind: "leave" }) }]
      : []),
    ...(may("delete", standing)
      ? [{ label: "Delete room", danger: true, run: () => onDialog({ kind: "delete" }) }]
      : []),
  ];
}
