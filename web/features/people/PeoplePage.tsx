import { useDeferredValue, useState } from "react";
import { Link } from "wouter";
import type { Person } from "#shared/contract/people.ts";
import { useHouse } from "#web/state/house.ts";
import { useTitle } from "#web/state/title.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import { Mark } from "#web/ui/Mark.tsx";
import { Page } from "#web/ui/Page.tsx";
import { SearchField } from "#web/ui/SearchField.tsx";
import css from "./PeoplePage.module.css";

/** Everybody who has an account here. */
export function PeoplePage() {
  const { chat, user } = useHouse();
  const [text, setText] = useState("");
  const name = useDeferredValue(text.trim());
  const pages = usePages(name, (cursor) => chat.api.users({ cursor, ...(name === "" ? {} : { name }) }));
  useTitle("People");
  return (
    <Page
      title="People"
      lead={user.role === "guest" ? "Those who are in your rooms." : "Everybody who has an account on this server."}
    >
      <SearchField label="Find a person" value={text} onChange={setText} />
      <ul className={css.list} aria-label="People">
        {pages.items?.map((person) => (
          <PersonRow key={person.id} person={person} />
        ))}
      </ul>
      <ListEnd pages={pages} none="Nobody has that in their name." />
    </Page>
  );
}

function PersonRow({ person }: { person: Person }) {
  const { user } = useHouse();
  const { display_name, username, status } = person;
  return (
    <li className={css.row}>
      <Avatar id={person.id} name={display_name || username} hue={person.hue} size={38} />
      <div className={css.about}>
        <Link href={`/chat/people/${person.id}`} className={css.name}>
          <bdi>{display_name || username}</bdi>
          {person.id === user.id && " (you)"}
        </Link>
        <p className={css.under}>
          {display_name !== "" && <bdi>{username}</bdi>}
          {display_name !== "" && status !== null && " · "}
          {status !== null && <bdi>{status.text}</bdi>}
        </p>
      </div>
      {person.role !== "user" && <Mark>{person.role}</Mark>}
    </li>
  );
}
