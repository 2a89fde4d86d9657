import { memo } from "react";
import type { PendingSend } from "#client/chat.ts";
import { useFace } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { classNames } from "#web/ui/class-names.ts";
import { WarningIcon } from "#web/ui/icons.tsx";
import { Names } from "#web/ui/Names.tsx";
import { Time } from "#web/ui/Time.tsx";
import css from "./MessageRow.module.css";
import { MessageText } from "./MessageText.tsx";
import { Quote } from "./Quote.tsx";

interface PendingRowProps {
  send: PendingSend;
  head: boolean;
  onRetry: (nonce: string) => void;
  onDiscard: (nonce: string) => void;
}

/** A message of one's own that has no place in the room yet. It stands exactly as it will stand when it has one. */
export const PendingRow = memo(function PendingRow({ send, head, onRetry, onDiscard }: PendingRowProps) {
  const { user } = useHouse();
  const face = useFace(user.id);
  const name = face?.display_name ?? user.username;
  const at = new Date(send.at).toISOString();
  return (
    <article className={classNames(css.message, head && css.head, send.state !== "sent" && css.pending)}>
      {head ? <Avatar id={user.id} name={name} hue={face?.hue ?? null} /> : <span className={css.beside} />}
      <div className={css.body}>
        <header className={head ? css.by : "out-of-sight"}>
          <span className={css.author}>
            <Names display={name} username={user.username} />
          </span>
          {head && <Time at={at} className={css.time} />}
        </header>
        {send.reply_to !== undefined && <Quote roomId={send.room_id} id={send.reply_to} />}
        <MessageText text={send.content} />
        <Fate send={send} onRetry={onRetry} onDiscard={onDiscard} />
      </div>
    </article>
  );
});

function Fate({ send, onRetry, onDiscard }: Omit<PendingRowProps, "head">) {
  switch (send.state) {
    case "sent":
      return null;
    case "waiting":
    case "sending":
      return <span className={css.under}>{send.state === "waiting" ? "Waiting to be sent" : "Sending"}</span>;
    default:
      return (
        <div className={css.failed} role="alert">
          <span className={css.why}>
            <WarningIcon />
            Not sent. {send.state.detail}
          </span>
          <span className={css.choices}>
            <button type="button" onClick={() => onRetry(send.nonce)}>
              Try again
            </button>
            <button type="button" onClick={() => onDiscard(send.nonce)}>
              Discard
            </button>
          </span>
        </div>
      );
  }
}
