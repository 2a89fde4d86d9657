import { useState } from "react";
import type { ErasureReceipt } from "#shared/contract/messages.ts";
import type { Message } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { keepFile } from "#web/state/keep-file.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { fullTime } from "#web/ui/show-time.ts";
import css from "./dialogs.module.css";

interface DeleteMessageDialogProps {
  message: Message;
  onClose: () => void;
}

export function DeleteMessageDialog({ message, onClose }: DeleteMessageDialogProps) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const remove = async () => {
    if (await run(() => chat.api.deleteMessage(message.id))) onClose();
  };
  return (
    <Dialog
      title="Delete this message?"
      description="Its words, what it said before and its reactions will be gone for everybody. This cannot be undone."
      onClose={onClose}
    >
      <Words text={message.content} />
      {fault && <Notice>{fault.detail}</Notice>}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={busy} onClick={() => void remove()}>
          Delete message
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** For admins of the server: the same with a receipt. */
export function EraseMessageDialog({ message, onClose }: DeleteMessageDialogProps) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [receipt, setReceipt] = useState<ErasureReceipt | null>(null);
  const erase = () => run(async () => setReceipt(await chat.api.eraseMessage(message.id)));
  if (receipt) return <Receipt receipt={receipt} onClose={onClose} />;
  return (
    <Dialog
      title="Erase this message?"
      description="Every trace of its words is removed, and you are given a receipt. This cannot be undone."
      onClose={onClose}
    >
      {message.deleted_at === undefined && <Words text={message.content} />}
      {fault && <Notice>{fault.detail}</Notice>}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={busy} onClick={() => void erase()}>
          Erase message
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Receipt({ receipt, onClose }: { receipt: ErasureReceipt; onClose: () => void }) {
  const { texts, reactions } = receipt.removed;
  const [isCopied, setCopied] = useState(false);
  const text = `${JSON.stringify(receipt, null, 2)}\n`;
  // Without TLS a browser lets no page copy: the file is offered all the same.
  const mayCopy = navigator.clipboard !== undefined;
  return (
    <Dialog title="Erased" description="Keep this if you have to show that it was done." onClose={onClose}>
      <dl className={css.receipt}>
        <dt>Message</dt>
        <dd>{receipt.message_id}</dd>
        <dt>Room</dt>
        <dd>
          {receipt.room_id}, event {receipt.seq}
        </dd>
        <dt>Erased</dt>
        <dd>{fullTime(receipt.erased_at)}</dd>
        <dt>Removed</dt>
        <dd>
          {texts} {texts === 1 ? "text" : "texts"}, {reactions} {reactions === 1 ? "reaction" : "reactions"}
        </dd>
      </dl>
      <DialogActions>
        {mayCopy && (
          <Button
            onClick={() =>
              void navigator.clipboard.writeText(text).then(
                () => setCopied(true),
                () => setCopied(false),
              )
            }
          >
            {isCopied ? "Copied" : "Copy"}
          </Button>
        )}
        <Button onClick={() => keepFile(`erasure-${receipt.message_id}.json`, text)}>Save as a file</Button>
        <Button look="main" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Words({ text }: { text: string }) {
  return (
    <blockquote className={css.words} dir="auto">
      {text}
    </blockquote>
  );
}
