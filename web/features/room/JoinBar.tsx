import { nameOf } from "#client/room-title.ts";
import { errors } from "#shared/errors.ts";
import type { Face, Room } from "#shared/models.ts";
import type { Standing } from "#shared/permissions.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import css from "./RoomPage.module.css";

/** In the composer's place for a member who may not write here. */
export function QuietBar({ standing, blocks = false }: { standing: Standing; blocks?: boolean }) {
  const isAnnounced = standing.place === "member";
  if (standing.kind === "direct" && !standing.archived) {
    return (
      <div className={css.join}>
        <p>
          {blocks ? "You blocked this person. Unblock them on their page to write again." : errors.read_only.detail}
        </p>
      </div>
    );
  }
  return (
    <div className={css.join}>
      <p>
        {standing.archived
          ? errors.archived.detail
          : isAnnounced
            ? "Only moderators and admins write in this room. You can reply to them in threads."
            : errors.read_only.detail}
      </p>
    </div>
  );
}

/** In the composer's place where the other of a talk of two is shut out of the house. */
export function GoneBar({ person }: { person: Face }) {
  return (
    <div className={css.join}>
      <p>
        The account of <bdi>{nameOf(person)}</bdi> is deactivated or erased. Nobody would read what you write here.
      </p>
    </div>
  );
}

/** In the composer's place for somebody who reads a public room without being its member. */
export function JoinBar({ room }: { room: Room }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const join = () =>
    run(async () => {
      await chat.api.joinRoom(room.id);
    });
  return (
    <div className={css.join}>
      <p>{fault ? fault.detail : "You are reading along. Join the room to take part."}</p>
      <Button look="main" busy={busy} onClick={() => void join()}>
        Join room
      </Button>
    </div>
  );
}
