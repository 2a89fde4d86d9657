import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import type { Person, Seen } from "#shared/contract/people.ts";
import type { Role } from "#shared/models.ts";
import { useIsBlocked, useSeen } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { useTitle } from "#web/state/title.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { Button } from "#web/ui/Button.tsx";
import { Facts } from "#web/ui/Facts.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { Page } from "#web/ui/Page.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import { localTime } from "./local-time.ts";
import css from "./PeoplePage.module.css";

/** What one person says of themselves, and the way to talk to them. */
export function PersonPage({ id }: { id: number }) {
  const { chat, user } = useHouse();
  const [, go] = useLocation();
  const { fault, run } = useDeed();
  const talk = useDeed();
  const [person, setPerson] = useState<Person | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for anew for another person
  useEffect(() => {
    void run(async () => setPerson(await chat.api.person(id)));
  }, [chat, id]);
  const name = person ? person.display_name || person.username : "";
  useTitle(person ? name : "Person");
  const begin = async () => {
    await talk.run(async () => go(`/chat/${(await chat.api.openDirect({ user_ids: [id] })).id}`));
  };
  const isBlocked = useIsBlocked(id);
  const turnBlock = () => talk.run(() => (isBlocked ? chat.api.unblock(id) : chat.api.block(id)));
  if (fault) {
    return (
      <Page title="Person">
        <Notice>{fault.detail}</Notice>
      </Page>
    );
  }
  if (!person) return null;
  return (
    <Page title={name}>
      <div className={css.who}>
        <Avatar id={person.id} name={name} hue={person.hue} size={72} />
        <div className={css.about}>
          <p className={css.name}>
            <bdi>{person.username}</bdi>
          </p>
          <p className={css.under}>{ROLES[person.role]}</p>
        </div>
        {person.id === user.id ? (
          <Link href="/chat/account">Change your profile</Link>
        ) : (
          <div className={css.deeds}>
            <Button busy={talk.busy} onClick={() => void turnBlock()}>
              {isBlocked ? "Unblock" : "Block"}
            </Button>
            {!isBlocked && (
              <Button look="main" busy={talk.busy} onClick={() => void begin()}>
                Message
              </Button>
            )}
          </div>
        )}
      </div>
      {(isBlocked || talk.fault) && (
        <div className={css.told}>
          {isBlocked && (
            <Notice tone="quiet">
              You blocked this person: neither of you writes in your talk, and what they write elsewhere is folded.
            </Notice>
          )}
          {talk.fault && <Notice>{talk.fault.detail}</Notice>}
        </div>
      )}
      <About person={person} />
    </Page>
  );
}

const ROLES: Readonly<Record<Role, string>> = {
  admin: "Admin of this server",
  user: "Member of this server",
  guest: "Guest: in the rooms they were brought into",
};

const SEEN: Readonly<Record<Seen, string>> = { online: "Online", away: "Away" };

function About({ person }: { person: Person }) {
  const { status, time_zone } = person;
  const seen = useSeen(person.id);
  const facts: [string, string][] = [];
  if (seen !== null) facts.push(["Now", SEEN[seen]]);
  if (status !== null) {
    facts.push(["Status", status.until === null ? status.text : `${status.text} (until ${shortTime(status.until)})`]);
  }
  if (time_zone !== null) facts.push(["Local time", `${localTime(Date.now(), time_zone)} · ${time_zone}`]);
  facts.push(["Here since", shortTime(person.created_at)]);
  return (
    <div className={css.facts}>
      <Facts facts={facts} />
    </div>
  );
}
