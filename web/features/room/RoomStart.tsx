import type { Room } from "#shared/models.ts";
import { LockIcon, RoomIcon } from "#web/ui/icons.tsx";
import css from "./RoomStart.module.css";

/** What stands above the first message of a room. */
export function RoomStart({ room, title, isEmpty }: { room: Room; title: string; isEmpty: boolean }) {
  return (
    <div className={css.start}>
      <span className={css.sign}>{room.kind === "public" ? <RoomIcon /> : <LockIcon />}</span>
      <h2 className={css.title}>{isEmpty ? "Nothing said yet" : <bdi>{title}</bdi>}</h2>
      <p className={css.text}>
        {isEmpty ? (
          <>
            The first message {room.kind === "direct" ? "to" : "in"} <bdi>{title}</bdi> begins here.
          </>
        ) : room.kind === "direct" ? (
          "Only the people in it are shown this conversation; admins of the server are not."
        ) : (
          "This is where the room begins."
        )}
      </p>
      {room.description !== "" && <p className={css.text}>{room.description}</p>}
    </div>
  );
}
