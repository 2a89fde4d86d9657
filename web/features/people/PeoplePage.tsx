import { useDeferredValue, useEffect, useState } from "react";
import { Link } from "wouter";
import type { Person } from "#shared/contract/people.ts";
import { useHouse } from "#web/state/house.ts";
import { useTitle } from "#web/state/title.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { Button } from "#web/ui/Button.tsx";
import { Mark } from "#web/ui/Mark.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { Page } from "#web/ui/Page.tsx";
import { SearchField } from "#web/ui/SearchField.tsx";
import css from "./PeoplePage.module.css";

/** Everybody who has an account here. */
export function PeoplePage() {
  const { user } = useHouse();
  const [text, setText] = useState("");
  const { items, fault, more } = usePeople(useDeferredValue(text.trim()));
  useTitle("People");
  return (
    <Page
      title="People"
      lead={user.role === "guest" ? "Those who are in your rooms." : "Everybody who has an account on this server."}
    >
      <SearchField label="Find a person" value={text} onChange={setText} />
      {fault !== null && <Notice>{fault}</Notice>}
      <ul className={css.list} aria-label="People">
        {items?.map((person) => (
          <PersonRow key={person.id} person={person} />
        ))}
      </ul>
      {items?.length === 0 && <p className={css.none}>Nobody has that in their name.</p>}
      {more !== null && <Button onClick={more}>Show more</Button>}
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

function usePeople(name: string) {
  const { chat } = useHouse();
  const { fault, run } = useDeed();
  const [part, setPart] = useState<{ items: readonly Person[]; next: string | null } | null>(null);
  const wanted = name === "" ? {} : { name };
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for anew when another name is looked for
  useEffect(() => {
    let isWanted = true;
    chat.api.users(wanted).then(
      (first) => isWanted && setPart(first),
      (error: unknown) => void run(() => Promise.reject(error)),
    );
    return () => {
      isWanted = false;
    };
  }, [chat, name]);
  const next = part?.next ?? null;
  const askMore = (cursor: string) =>
    void run(async () => {
      const answer = await chat.api.users({ ...wanted, cursor });
      setPart((before) => ({ items: [...(before?.items ?? []), ...answer.items], next: answer.next }));
    });
  return { items: part?.items ?? null, fault: fault?.detail ?? null, more: next === null ? null : () => askMore(next) };
}
