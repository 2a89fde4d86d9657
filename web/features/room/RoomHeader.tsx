import { Link } from "wouter";
import { may } from "#shared/permissions.ts";
import { useRoom, useStanding } from "#web/state/chat.ts";
import { BackIcon, LockIcon, MoreIcon, PeopleIcon, RoomIcon } from "#web/ui/icons.tsx";
import { Menu, type MenuItem } from "#web/ui/Menu.tsx";
import type { RoomDialog } from "./RoomDialogs.tsx";
import css from "./RoomHeader.module.css";

interface RoomHeaderProps {
  roomId: number;
  present: number | null;
  showsPeople: boolean;
  onPeople: () => void;
  onDialog: (dialog: RoomDialog) => void;
}

export function RoomHeader({ roomId, present, showsPeople, onPeople, onDialog }: RoomHeaderProps) {
  const room = useRoom(roomId);
  const items = useActions(roomId, onDialog);
  return (
    <header className={css.header}>
      <Link href="/chat" className={css.back} aria-label="Back to the rooms">
        <BackIcon />
      </Link>
      {room && <span className={css.kind}>{room.kind === "private" ? <LockIcon /> : <RoomIcon />}</span>}
      <div className={css.names}>
        <h1 className={css.name}>
          <bdi>{room?.name ?? ""}</bdi>
        </h1>
        {room && room.description !== "" && (
          <p className={css.description} title={room.description}>
            {room.description}
          </p>
        )}
      </div>
      <div className={css.actions}>
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

/** What this person may do with this room. */
function useActions(roomId: number, onDialog: (dialog: RoomDialog) => void): MenuItem[] {
  const standing = useStanding(roomId);
  if (!standing) return [];
  return [
    ...(may("change", standing) ? [{ label: "Room settings", run: () => onDialog("change") }] : []),
    ...(may("add-members", standing) ? [{ label: "Add people", run: () => onDialog("add") }] : []),
    ...(may("leave", standing) ? [{ label: "Leave room", run: () => onDialog("leave") }] : []),
    ...(may("delete", standing) ? [{ label: "Delete room", danger: true, run: () => onDialog("delete") }] : []),
  ];
}
