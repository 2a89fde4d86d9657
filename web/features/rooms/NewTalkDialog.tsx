import { useState } from "react";
import { makeNonce, systemRandom } from "#client/nonce.ts";
import type { Person } from "#shared/contract/people.ts";
import { limits } from "#shared/limits.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { PeoplePicker } from "./PeoplePicker.tsx";
import css from "./rooms.module.css";

/** Whom one wants to talk to: with one person it is the talk that the two have, with several a new one. */
export function NewTalkDialog({ onOpened, onClose }: { onOpened: (roomId: number) => void; onClose: () => void }) {
  const { chat, user } = useHouse();
  const { busy, fault, run } = useDeed();
  const [chosen, setChosen] = useState<ReadonlyMap<number, Person>>(new Map());
  // Another choice is another talk, and needs another nonce.
  const [nonces] = useState(() => new Map<string, string>());
  const open = () =>
    run(async () => {
      const userIds = [...chosen.keys()].sort((a, b) => a - b);
      const who = userIds.join();
      const nonce = nonces.get(who) ?? `${makeNonce(Date.now(), systemRandom)}`;
      nonces.set(who, nonce);
      const { id } = await chat.api.openDirect({ user_ids: userIds, nonce });
      onOpened(id);
    });
  return (
    <Dialog
      title="New message"
      description={`Only those you choose can read it: up to ${limits.directPeople} people, you among them.`}
      onClose={onClose}
    >
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen.size > 0) void open();
        }}
      >
        {fault && <Notice>{fault.detail}</Notice>}
        <PeoplePicker
          chosen={chosen}
          most={limits.directPeople - 1}
          without={new Set([user.id])}
          onChange={setChosen}
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="main" busy={busy} disabled={chosen.size === 0}>
            {chosen.size > 1 ? `Talk with ${chosen.size} people` : "Talk"}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
