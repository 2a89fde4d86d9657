import { useDeferredValue, useState } from "react";
import { Link } from "wouter";
import type { HouseRoom } from "#shared/models.ts";
import { may } from "#shared/permissions.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Button } from "#web/ui/Button.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import { Mark } from "#web/ui/Mark.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { SearchField } from "#web/ui/SearchField.tsx";
import css from "./admin.module.css";

/** Every room but direct talks, the one with the most members first. */
export function RoomsPart() {
  const { chat } = useHouse();
  const [text, setText] = useState("");
  const name = useDeferredValue(text.trim());
  const pages = usePages(name, (cursor) => chat.api.roomsBySize({ cursor, ...(name === "" ? {} : { name }) }));
  const [asked, setAsked] = useState<HouseRoom | null>(null);
  return (
    <>
      <p className={css.note}>
        Of private rooms that you are not in you see the name and the size. To read one you must be added, which
        everybody there sees.
      </p>
      <div className={css.search}>
        <SearchField label="Find a room" value={text} onChange={setText} />
      </div>
      <ul className={css.rows} aria-label="Rooms by size">
        {pages.items?.map((room) => (
          <RoomRow key={room.id} room={room} onDelete={() => setAsked(room)} />
        ))}
      </ul>
      <ListEnd pages={pages} none={name === "" ? "There are no rooms yet." : "No room has that in its name."} />
      {asked && (
        <DeleteDialog
          room={asked}
          onDone={() => {
            pages.change((items) => items.filter((each) => each.id !== asked.id));
            setAsked(null);
          }}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}

function RoomRow({ room, onDelete }: { room: HouseRoom; onDelete: () => void }) {
  const { chat, user } = useHouse();
  const mine = chat.replica.mine.get(room.id);
  const mayDelete = may("delete", {
    role: user.role,
    place: mine?.role ?? null,
    kind: room.kind,
    posting: "members",
    archived: false,
  });
  const isOpen = room.kind === "public" || mine !== undefined;
  return (
    <li className={css.row}>
      <div className={css.about}>
        <p className={css.name}>
          {isOpen ? (
            <Link href={`/chat/${room.id}`}>
              <bdi>{room.name}</bdi>
            </Link>
          ) : (
            <bdi>{room.name}</bdi>
          )}
          {room.kind === "private" && <Mark>private</Mark>}
        </p>
        <p className={css.under}>{room.member_count === 1 ? "1 member" : `${room.member_count} members`}</p>
      </div>
      {mayDelete && (
        <Button onClick={onDelete} aria-label={`Delete ${room.name}`}>
          Delete
        </Button>
      )}
    </li>
  );
}

function DeleteDialog({ room, onDone, onClose }: { room: HouseRoom; onDone: () => void; onClose: () => void }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const act = async () => {
    if (await run(() => chat.api.deleteRoom(room.id))) onDone();
  };
  return (
    <Dialog
      title={`Delete ${room.name}?`}
      description="The room and all its messages will be gone for everybody. This cannot be undone."
      onClose={onClose}
    >
      {fault && <Notice>{fault.detail}</Notice>}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={busy} onClick={() => void act()}>
          Delete room
        </Button>
      </DialogActions>
    </Dialog>
  );
}
