import { useState } from "react";
import type { ErasedWords } from "#shared/contract/people.ts";
import type { ManagedAccount } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Choice } from "#web/ui/Choice.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Notice } from "#web/ui/Notice.tsx";

interface EraseDialogProps {
  account: ManagedAccount;
  onErased: () => void;
  onClose: () => void;
}

export function EraseDialog({ account, onErased, onClose }: EraseDialogProps) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [words, setWords] = useState<ErasedWords>("keep");
  const act = async () => {
    const done = await run(async () => {
      await chat.api.eraseUser(account.id, words);
    });
    if (done) onErased();
  };
  return (
    <Dialog
      title={`Erase ${account.username}?`}
      description="Their name, address, profile and every way to log in go for good. Rooms that they led alone get another admin."
      onClose={onClose}
    >
      {fault && <Notice>{fault.detail}</Notice>}
      <Choice<ErasedWords>
        label="What they wrote"
        value={words}
        onChange={setWords}
        options={[
          { value: "keep", label: "Stays", hint: "Under “former member”" },
          { value: "erase", label: "Goes too", hint: "Only its place in the rooms is left" },
        ]}
      />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={busy} onClick={() => void act()}>
          Erase for good
        </Button>
      </DialogActions>
    </Dialog>
  );
}
