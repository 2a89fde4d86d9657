import type { Room } from "#shared/models.ts";
import { LockIcon, RoomIcon } from "#web/ui/icons.tsx";
import css from "./RoomStart.module.css";

/** What stands above the first message of a room. */
export function RoomStart({ room, isEmpty }: { room: Room; isEmpty: boolean }) {
  return (
    <div className={css.start}>
      <span className={css.sign}>{room.kind === "private" ? <LockIcon /> : <RoomIcon />}</span>
      <h2 className={css.title}>{isEmpty ? "Nothing said yet" : <bdi>{room.name}</bdi>}</h2>
      <p className={css.text}>
        {isEmpty ? (
          <>
            The first message in <bdi>{room.name}</bdi> begins here.
          </>
        ) : (
          "This is where the room begins."
        )}
      </p>
      {room.description !== "" && <p className={css.text}>{room.description}</p>}
    </div>
  );
}
