import { useState } from "react";
import { makeNonce, systemRandom } from "#client/nonce.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import { localTime, WhenField } from "#web/ui/WhenField.tsx";
import { laterTimes } from "./later-times.ts";
import css from "./SendLaterDialog.module.css";

interface SendLaterDialogProps {
  place: { roomId: number; thread: number | undefined; replyTo: number | undefined };
  content: string;
  onPlanned: (at: number) => void;
  onClose: () => void;
}

export function SendLaterDialog({ place, content, onPlanned, onClose }: SendLaterDialogProps) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [now] = useState(() => Date.now());
  const [chosen, setChosen] = useState(() => localTime(now + 3_600_000));
  // Another time is another wish, and needs another nonce.
  const [nonces] = useState(() => new Map<number, string>());
  const plan = async (at: number) => {
    const nonce = nonces.get(at) ?? makeNonce(Date.now(), systemRandom);
    nonces.set(at, nonce);
    const { roomId, thread, replyTo: reply_to } = place;
    const body = { content, at: new Date(at).toISOString(), nonce, thread, reply_to };
    if (await run(async () => void (await chat.api.schedule(roomId, body)))) onPlanned(at);
  };
  return (
    <Dialog
      title="Send later"
      description="It is sent at that time as if you sent it then, whether this page is open or not."
      onClose={onClose}
    >
      {fault && <Notice>{fault.detail}</Notice>}
      <div className={css.times}>
        {laterTimes(now).map(({ label, at }) => (
          <button key={label} type="button" className={css.time} disabled={busy} onClick={() => void plan(at)}>
            {label} <span className={css.at}>{shortTime(at)}</span>
          </button>
        ))}
      </div>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen !== "") void plan(Date.parse(chosen));
        }}
      >
        <WhenField value={chosen} onChange={setChosen} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="main" busy={busy}>
            Send at this time
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
