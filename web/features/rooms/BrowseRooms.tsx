import { useState } from "react";
import { Link, useLocation } from "wouter";
import type { Room } from "#shared/models.ts";
import { mayBrowse } from "#shared/permissions.ts";
import { useHouseVersion, useKnowsRooms, useRooms } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { useTitle } from "#web/state/title.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { Page } from "#web/ui/Page.tsx";
import { SearchField } from "#web/ui/SearchField.tsx";
import css from "./BrowseRooms.module.css";
import { findRooms } from "./find-rooms.ts";

const SHOWN = 200;
const NONE_FOR_GUESTS = "Guests are in the rooms that somebody brings them into, and see no others.";

/** The public rooms of this server. */
export function BrowseRooms() {
  const { chat, user } = useHouse();
  const [wanted, setWanted] = useState("");
  const isKnown = useKnowsRooms();
  useHouseVersion();
  const mine = new Set(useRooms().map((row) => row.room.id));
  const found = findRooms(chat.replica.house.values(), wanted);
  useTitle("Browse rooms");
  return (
    <Page
      title="Browse rooms"
      lead={mayBrowse(user.role) ? "Public rooms of this server. Anybody here can join them." : NONE_FOR_GUESTS}
    >
      <SearchField label="Find a room" value={wanted} onChange={setWanted} />
      <ul className={css.list} aria-label="Public rooms">
        {found.slice(0, SHOWN).map((room) => (
          <RoomItem key={room.id} room={room} isMine={mine.has(room.id)} />
        ))}
      </ul>
      {found.length > SHOWN && (
        <p className={css.more}>{found.length - SHOWN} more. Write a part of the name to find them.</p>
      )}
      {isKnown && found.length === 0 && mayBrowse(user.role) && (
        <p className={css.more}>{wanted === "" ? "There are no public rooms yet." : "No room has that in its name."}</p>
      )}
    </Page>
  );
}

function RoomItem({ room, isMine }: { room: Room; isMine: boolean }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [, go] = useLocation();
  const join = async () => {
    const done = await run(async () => {
      await chat.api.joinRoom(room.id);
    });
    if (done) go(`/chat/${room.id}`);
  };
  return (
    <li className={css.room}>
      <div className={css.about}>
        <Link href={`/chat/${room.id}`} className={css.name}>
          <bdi>{room.name}</bdi>
        </Link>
        {room.archived && <p className={css.description}>Archived: it can be read, and not written in.</p>}
        {room.description !== "" && <p className={css.description}>{room.description}</p>}
        {fault && <Notice>{fault.detail}</Notice>}
      </div>
      {isMine ? (
        <span className={css.joined}>Joined</span>
      ) : (
        <Button busy={busy} onClick={() => void join()} aria-label={`Join ${room.name}`}>
          Join
        </Button>
      )}
    </li>
  );
}
