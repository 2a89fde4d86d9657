import { useState } from "react";
import type { Invite } from "#shared/contract/invites.ts";
import type { Room } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { type Pages, usePages } from "#web/state/use-pages.ts";
import { Button } from "#web/ui/Button.tsx";
import { Choice } from "#web/ui/Choice.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Field } from "#web/ui/Field.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./rooms.module.css";

const DAY = 86_400;
const LASTS = { day: DAY, week: 7 * DAY, ever: null } as const;
const USES = { one: 1, ten: 10, many: null } as const;

/** A link into the room: made here, shown once, and taken back here. */
export function InviteDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [lasts, setLasts] = useState<keyof typeof LASTS>("week");
  const [uses, setUses] = useState<keyof typeof USES>("ten");
  const [comes, setComes] = useState<"member" | "guest">("member");
  const [link, setLink] = useState<string | null>(null);
  const [changes, setChanges] = useState(0);
  const invites = usePages("", (cursor) => chat.api.invitesInto(room.id, { cursor, limit: 100 }), changes);
  const make = () =>
    run(async () => {
      const asked = { room_ids: [room.id], uses: USES[uses], expires_in: LASTS[lasts], guest: comes === "guest" };
      const { token } = await chat.api.makeInvite(asked);
      setLink(`${location.origin}/chat/invite#${token}`);
      setChanges(changes + 1);
    });
  const revoke = (id: number) =>
    void run(async () => {
      await chat.api.revokeInvite(id);
      invites.change((before) => before.filter((each) => each.id !== id));
    });
  return (
    <Dialog
      title={`Invite into ${room.name}`}
      description="Whoever has the link can come in, until it ends or you take it back."
      onClose={onClose}
    >
      <div className={css.form}>
        {fault && <Notice>{fault.detail}</Notice>}
        <Choice
          label="How long it is good"
          value={lasts}
          onChange={setLasts}
          options={[
            { value: "day", label: "A day" },
            { value: "week", label: "A week" },
            { value: "ever", label: "No end" },
          ]}
        />
        <Choice
          label="For how many people"
          value={uses}
          onChange={setUses}
          options={[
            { value: "one", label: "One" },
            { value: "ten", label: "Ten" },
            { value: "many", label: "Any number" },
          ]}
        />
        <Choice
          label="New accounts are"
          value={comes}
          onChange={setComes}
          options={[
            { value: "member", label: "Members", hint: "They see every public room and everybody here." },
            { value: "guest", label: "Guests", hint: "They see this room and who is in it." },
          ]}
        />
        {link !== null && <Link key={link} link={link} />}
        <Links invites={invites} onRevoke={revoke} />
        <DialogActions>
          <Button onClick={onClose}>Close</Button>
          <Button look="main" busy={busy} onClick={() => void make()}>
            Make a link
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  );
}

/** Over plain http a browser gives no clipboard: the link can always be marked and copied by hand. */
function Link({ link }: { link: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => setIsCopied(true),
      () => {},
    );
  return (
    <>
      <Field
        label="The link"
        value={link}
        readOnly
        hint="It is shown only now. Keep it, or make another."
        onFocus={(event) => event.target.select()}
      />
      {"clipboard" in navigator && <Button onClick={() => void copy()}>{isCopied ? "Copied" : "Copy the link"}</Button>}
    </>
  );
}

function Links({ invites, onRevoke }: { invites: Pages<Invite>; onRevoke: (id: number) => void }) {
  if (!invites.items || invites.items.length === 0) return null;
  return (
    <div className={css.links}>
      <ul aria-label="Links into this room">
        {invites.items.map((invite) => (
          <li key={invite.id} className={css.link}>
            <span>
              {invite.guest ? "For guests, by" : "By"} <bdi>{invite.made_by.username}</bdi>, used {invite.uses}
              {invite.uses_most !== null && ` of ${invite.uses_most}`} times
              {invite.expires_at !== null && `, until ${new Date(invite.expires_at).toLocaleDateString()}`}
            </span>
            <Button aria-label={`Take back link ${invite.id}`} onClick={() => onRevoke(invite.id)}>
              Take back
            </Button>
          </li>
        ))}
      </ul>
      <ListEnd pages={invites} none="" />
    </div>
  );
}
