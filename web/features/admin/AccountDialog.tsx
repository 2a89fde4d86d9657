import { useState } from "react";
import type { ChangeUser } from "#shared/contract/accounts.ts";
import type { MadePasswordLink } from "#shared/contract/house.ts";
import type { ManagedAccount } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { LinkDialog } from "./LinkDialog.tsx";

export type AccountDeed = "promote" | "demote" | "guest" | "member" | "deactivate" | "reactivate" | "link";

interface Words {
  title: (name: string) => string;
  text: string;
  verb: string;
  change: ChangeUser | null;
}

const WORDS: Readonly<Record<AccountDeed, Words>> = {
  promote: {
    title: (name) => `Make ${name} an admin?`,
    text: "They can then change every account and setting, and delete public rooms.",
    verb: "Make an admin",
    change: { role: "admin" },
  },
  demote: {
    title: (name) => `Take the admin's role from ${name}?`,
    text: "They are logged out everywhere and log in again as a member.",
    verb: "Take it away",
    change: { role: "user" },
  },
  guest: {
    title: (name) => `Make ${name} a guest?`,
    text: "They will know only of the rooms that they are in and of the people there, and lead no room. They log in again.",
    verb: "Make a guest",
    change: { role: "guest" },
  },
  member: {
    title: (name) => `Make ${name} a member?`,
    text: "They will see every public room and everybody here. They log in again.",
    verb: "Make a member",
    change: { role: "user" },
  },
  deactivate: {
    title: (name) => `Deactivate ${name}?`,
    text: "They are logged out everywhere and cannot log in. Their messages stay. You can let them in again.",
    verb: "Deactivate",
    change: { active: false },
  },
  reactivate: {
    title: (name) => `Let ${name} in again?`,
    text: "They log in with the password that they had, and are in the rooms that they were in.",
    verb: "Let in again",
    change: { active: true },
  },
  link: {
    title: (name) => `Make a password link for ${name}?`,
    text: "Whoever opens it sets this account's password and is logged in, once and within a day. Every session of the account ends then.",
    verb: "Make the link",
    change: null,
  },
};

interface AccountDialogProps {
  deed: AccountDeed;
  account: ManagedAccount;
  onChanged: (account: ManagedAccount) => void;
  onClose: () => void;
}

export function AccountDialog({ deed, account, onChanged, onClose }: AccountDialogProps) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [link, setLink] = useState<MadePasswordLink | null>(null);
  const { title, text, verb, change } = WORDS[deed];
  const act = async () => {
    const done = await run(async () => {
      if (change === null) setLink(await chat.api.makePasswordLink(account.id));
      else onChanged(await chat.api.changeUser(account.id, change));
    });
    if (done && change !== null) onClose();
  };
  if (link !== null) return <LinkDialog link={link} onClose={onClose} />;
  return (
    <Dialog title={title(account.username)} description={text} onClose={onClose}>
      {fault && <Notice>{fault.detail}</Notice>}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look={deed === "deactivate" || deed === "demote" || deed === "guest" ? "danger" : "main"}
          busy={busy}
          onClick={() => void act()}
        >
          {verb}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
