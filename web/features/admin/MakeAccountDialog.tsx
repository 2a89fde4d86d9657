import { type FormEvent, useState } from "react";
import { systemRandom } from "#client/nonce.ts";
import type { MadePasswordLink } from "#shared/contract/house.ts";
import { useHouse } from "#web/state/house.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Field } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { LinkDialog } from "./LinkDialog.tsx";

interface MakeAccountDialogProps {
  onMade: () => void;
  onClose: () => void;
}

/** An account for somebody else, who chooses the password by the link: no admin ever knows it. */
export function MakeAccountDialog({ onMade, onClose }: MakeAccountDialogProps) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [username, setUsername] = useState("");
  const [link, setLink] = useState<MadePasswordLink | null>(null);
  const make = async (event: FormEvent) => {
    event.preventDefault();
    await run(async () => {
      const { id } = await chat.api.makeAccount({ username, password: unknownPassword() });
      onMade();
      setLink(await chat.api.makePasswordLink(id));
    });
  };
  if (link !== null) return <LinkDialog link={link} onClose={onClose} />;
  const general = faultBeside(fault, ["username"]);
  return (
    <Dialog
      title="Make an account"
      description="You are given a link for the person, by which they set their password."
      onClose={onClose}
    >
      {general !== undefined && <Notice>{general}</Notice>}
      <form noValidate onSubmit={(event) => void make(event)}>
        <Field
          label="User name"
          value={username}
          autoComplete="off"
          required
          error={faultFor(fault, "username")}
          onChange={(event) => setUsername(event.target.value)}
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="main" busy={busy}>
            Make account
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function unknownPassword(): string {
  return Array.from(systemRandom(24), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
