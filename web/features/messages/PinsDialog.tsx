import type { Message } from "#shared/models.ts";
import { useFace } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { usePins } from "#web/state/pins.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Dialog } from "#web/ui/Dialog.tsx";
import { Names } from "#web/ui/Names.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import { Waiting } from "#web/ui/Waiting.tsx";
import css from "./PinsDialog.module.css";

interface PinsDialogProps {
  roomId: number;
  mayPin: boolean;
  onShow: (message: Message) => void;
  onClose: () => void;
}

/** What is pinned in the room, the newest pin first: each leads to its place. */
export function PinsDialog({ roomId, mayPin, onShow, onClose }: PinsDialogProps) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const pins = usePins(roomId);
  return (
    <Dialog title="Pinned messages" shape="sheet" onClose={onClose}>
      {fault && <Notice>{fault.detail}</Notice>}
      {pins === null && <Waiting />}
      {pins?.length === 0 && <p className={css.none}>Nothing is pinned here any more.</p>}
      <ul className={css.pins}>
        {pins?.map((message) => (
          <li key={message.id} className={css.pin}>
            <Head message={message} />
            <p className={css.text} dir="auto">
              {message.content}
            </p>
            <div className={css.buttons}>
              <Button
                onClick={() => {
                  onClose();
                  onShow(message);
                }}
              >
                Show in the room
              </Button>
              {mayPin && (
                <Button busy={busy} onClick={() => void run(async () => void (await chat.api.pin(message.id, false)))}>
                  Unpin
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Head({ message }: { message: Message }) {
  const author = useFace(message.user_id);
  const pinner = useFace(message.pinned?.by ?? message.user_id);
  return (
    <p className={css.head}>
      <span className={css.author}>
        <Names display={author?.display_name} username={message.username} />
      </span>{" "}
      <span className={css.when}>{shortTime(message.timestamp)}</span>
      {pinner && (
        <span className={css.when}>
          , pinned by <bdi>{pinner.display_name ?? pinner.username}</bdi>
        </span>
      )}
    </p>
  );
}
