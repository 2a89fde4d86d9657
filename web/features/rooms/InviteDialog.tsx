import { useState } from "react";
import type { ServerInfo } from "#shared/contract/accounts.ts";
import type { Invite } from "#shared/contract/invites.ts";
import type { Role, Room } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { useServerInfo } from "#web/state/server-info.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { type Pages, usePages } from "#web/state/use-pages.ts";
import { Button } from "#web/ui/Button.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { InviteFacts } from "#web/ui/InviteFacts.tsx";
import { askedIn, InviteTerms, USUAL_TERMS } from "#web/ui/InviteTerms.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { SecretLink } from "#web/ui/SecretLink.tsx";
import css from "./rooms.module.css";

/** A link into the room: made here, shown once, and taken back here. */
export function InviteDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const { chat, user } = useHouse();
  const { busy, fault, run } = useDeed();
  const [terms, setTerms] = useState(USUAL_TERMS);
  const [link, setLink] = useState<string | null>(null);
  const [changes, setChanges] = useState(0);
  const invites = usePages("", (cursor) => chat.api.invitesInto(room.id, { cursor, limit: 100 }), changes);
  const info = useServerInfo();
  const lettingIn = info && whomItLetsIn(info.signup, user.role);
  const general = faultBeside(fault, ["uses"]);
  const make = () =>
    run(async () => {
      const { token } = await chat.api.makeInvite({ room_ids: [room.id], ...askedIn(terms) });
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
        {lettingIn && <Notice tone="quiet">{lettingIn}</Notice>}
        {general !== undefined && <Notice>{general}</Notice>}
        <InviteTerms terms={terms} usesError={faultFor(fault, "uses")} onChange={setTerms} />
        {link !== null && (
          <SecretLink key={link} label="The link" link={link} hint="It is shown only now. Keep it, or make another." />
        )}
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

/** Null: everybody who has it. */
function whomItLetsIn(signup: ServerInfo["signup"], role: Role): string | null {
  switch (signup) {
    case "open":
      return null;
    case "invite":
      return role === "admin"
        ? null
        : "On this server an account is made by the invite of an admin. Your link lets in who has an account already.";
    case "closed":
      return "On this server nobody makes an account of their own. A link lets in who has one already.";
    default:
      return signup satisfies never;
  }
}

function Links({ invites, onRevoke }: { invites: Pages<Invite>; onRevoke: (id: number) => void }) {
  if (!invites.items || invites.items.length === 0) return null;
  return (
    <div className={css.links}>
      <ul aria-label="Links into this room">
        {invites.items.map((invite) => (
          <li key={invite.id} className={css.link}>
            <span>
              <InviteFacts invite={invite} />
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
