import { type FormEvent, useState } from "react";
import type { Invite } from "#shared/contract/invites.ts";
import { limits } from "#shared/limits.ts";
import { useHouse } from "#web/state/house.ts";
import { useServerInfo } from "#web/state/server-info.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Button } from "#web/ui/Button.tsx";
import { InviteFacts } from "#web/ui/InviteFacts.tsx";
import { askedIn, InviteTerms, USUAL_TERMS } from "#web/ui/InviteTerms.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { SecretLink } from "#web/ui/SecretLink.tsx";
import css from "./admin.module.css";
import { Pick, type Picked } from "./Pick.tsx";

/** Invites into the house: who made which, what is left of them, and new ones, into several rooms or none. */
export function InvitesPart() {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [changes, setChanges] = useState(0);
  const pages = usePages("", (cursor) => chat.api.invites({ cursor }), changes);
  return (
    <>
      <NewInvite onMade={() => setChanges(changes + 1)} />
      {fault && <Notice>{fault.detail}</Notice>}
      <ul className={css.rows} aria-label="Invites">
        {pages.items?.map((invite) => (
          <li key={invite.id} className={css.row}>
            <div className={css.about}>
              <p className={css.name}>{whereTo(invite)}</p>
              <p className={css.under}>
                <InviteFacts invite={invite} />
              </p>
            </div>
            <Button
              busy={busy}
              aria-label={`Take back invite ${invite.id}`}
              onClick={() =>
                void run(async () => {
                  await chat.api.revokeInvite(invite.id);
                  pages.change((items) => items.filter((each) => each.id !== invite.id));
                })
              }
            >
              Take back
            </Button>
          </li>
        ))}
      </ul>
      <ListEnd pages={pages} none="There is no invite that can be used." />
    </>
  );
}

function whereTo({ rooms }: Invite) {
  return rooms.length === 0 ? "An account, and no room" : rooms.map(({ id, name }) => <bdi key={id}>{name}</bdi>);
}

function NewInvite({ onMade }: { onMade: () => void }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const info = useServerInfo();
  const [terms, setTerms] = useState(USUAL_TERMS);
  const [rooms, setRooms] = useState<readonly Picked[]>([]);
  const [called, setCalled] = useState("");
  const [link, setLink] = useState<string | null>(null);
  const found = usePages(called, (cursor) =>
    chat.api.roomsBySize({ cursor, limit: limits.pageMost, ...(called === "" ? {} : { name: called }) }),
  );
  const open = found.items?.filter(({ id, kind }) => kind === "public" || chat.replica.mine.has(id)) ?? [];
  const others = open.filter(({ id }) => !rooms.some((room) => room.id === id));
  const make = async (event: FormEvent) => {
    event.preventDefault();
    await run(async () => {
      const { token } = await chat.api.makeInvite({ room_ids: rooms.map(({ id }) => id), ...askedIn(terms) });
      setLink(`${location.origin}/chat/invite#${token}`);
      onMade();
    });
  };
  const general = faultBeside(fault, ["uses"]);
  return (
    <form className={css.invite} noValidate onSubmit={(event) => void make(event)}>
      {info?.signup === "closed" && (
        <Notice tone="quiet">Nobody can make an account now, by invite neither. The settings say so.</Notice>
      )}
      {general !== undefined && <Notice>{general}</Notice>}
      <p className={css.note}>
        A link into the house, and into the rooms that you choose here. With none it is for an account alone.
      </p>
      <Pick
        label="Rooms that it leads into"
        chosen={null}
        items={others}
        onType={setCalled}
        onChoose={({ id, name }) => setRooms([...rooms, { id, name }])}
      />
      {rooms.length > 0 && (
        <ul className={css.chosen} aria-label="Chosen rooms">
          {rooms.map(({ id, name }) => (
            <li key={id}>
              <Button aria-label={`Take out ${name}`} onClick={() => setRooms(rooms.filter((room) => room.id !== id))}>
                <bdi>{name}</bdi> ×
              </Button>
            </li>
          ))}
        </ul>
      )}
      <InviteTerms terms={terms} usesError={faultFor(fault, "uses")} onChange={setTerms} />
      {link !== null && (
        <SecretLink key={link} label="The link" link={link} hint="It is shown only now. Keep it, or make another." />
      )}
      <div>
        <Button type="submit" look="main" busy={busy}>
          Make an invite
        </Button>
      </div>
    </form>
  );
}
