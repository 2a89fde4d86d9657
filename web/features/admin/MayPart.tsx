import { useEffect, useState } from "react";
import type { HouseMay } from "#shared/contract/house.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Mark } from "#web/ui/Mark.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./admin.module.css";
import { Pick, type Picked } from "./Pick.tsx";

/** Can this person write here, and why not: what the server decides, with what would change it. */
export function MayPart() {
  const { chat } = useHouse();
  const [person, setPerson] = useState<Picked | null>(null);
  const [room, setRoom] = useState<Picked | null>(null);
  const [named, setNamed] = useState("");
  const [called, setCalled] = useState("");
  const people = usePages(named, (cursor) => chat.api.accounts({ cursor, ...nameOf(named) }));
  const rooms = usePages(called, (cursor) => chat.api.roomsBySize({ cursor, ...nameOf(called) }));
  return (
    <>
      <p className={css.note}>Who may do what in a room, and what would change it.</p>
      <div className={css.picks}>
        <Pick
          label="Person"
          chosen={person}
          items={people.items?.map(({ id, username }) => ({ id, name: username })) ?? []}
          onType={setNamed}
          onChoose={setPerson}
        />
        <Pick label="Room" chosen={room} items={rooms.items ?? []} onType={setCalled} onChoose={setRoom} />
      </div>
      {person && room && <Answers key={`${person.id} ${room.id}`} person={person} room={room} />}
    </>
  );
}

function nameOf(text: string): { name?: string } {
  return text === "" ? {} : { name: text };
}

function Answers({ person, room }: { person: Picked; room: Picked }) {
  const { chat } = useHouse();
  const { fault, run } = useDeed();
  const [asked, setAsked] = useState<HouseMay | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once for the two
  useEffect(() => {
    void run(async () => setAsked(await chat.api.mayIn(person.id, room.id)));
  }, []);
  if (fault) return <Notice>{fault.detail}</Notice>;
  if (!asked) return null;
  if (asked.answers === null) {
    return (
      <p className={css.note}>
        You are not in this private room. Who is in it, and what they may do there, is for its members to know.
      </p>
    );
  }
  return (
    <>
      <h2 className={css.asked}>
        <bdi>{asked.user.name}</bdi> in <bdi>{asked.room.name}</bdi>: {PLACES[asked.place ?? "none"] ?? asked.place}
      </h2>
      <ul className={css.rows} aria-label="Answers">
        {asked.answers.map(({ action, label, allowed, why }) => (
          <li key={action} className={css.row}>
            <span className={css.verdict}>
              <Mark tone={allowed ? "plain" : "warning"}>{allowed ? "Yes" : "No"}</Mark>
            </span>
            <div className={css.about}>
              <p className={css.name}>{label}</p>
              {why !== null && <p className={css.under}>{why}</p>}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

const PLACES: Readonly<Record<string, string>> = {
  admin: "an admin of the room",
  moderator: "a moderator",
  member: "a member",
  reader: "a reader",
  removed: "removed",
  none: "not in the room",
};
