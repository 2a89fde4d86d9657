import type { Message, Replies } from "#shared/models.ts";
import { useFace, useThreadUnread } from "#web/state/chat.ts";
import { useDraft } from "#web/state/kept.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { classNames } from "#web/ui/class-names.ts";
import { DraftSign } from "#web/ui/DraftSign.tsx";
import { Time } from "#web/ui/Time.tsx";
import css from "./ThreadLine.module.css";

interface ThreadLineProps {
  message: Message;
  replies: Replies;
  onOpen: (message: Message) => void;
}

/** What a message shows of its thread: who is in it, how much was said, and when last. A button that opens it. */
export function ThreadLine({ message, replies, onOpen }: ThreadLineProps) {
  const unread = useThreadUnread(message.id);
  const hasDraft = useDraft(message.room_id, message.id) !== "";
  return (
    <button type="button" className={classNames(css.line, unread > 0 && css.unread)} onClick={() => onOpen(message)}>
      <span className={css.people} aria-hidden="true">
        {replies.people.map((id) => (
          <Face key={id} id={id} />
        ))}
      </span>
      <span className={css.count}>{replies.n === 1 ? "1 reply" : `${replies.n} replies`}</span>
      {unread > 0 && <span className={css.badge}>{unread} new</span>}
      {hasDraft && <DraftSign />}
      <span className={css.last}>
        <span className="out-of-sight">, the last at </span>
        <Time at={replies.last_at} />
      </span>
    </button>
  );
}

function Face({ id }: { id: number }) {
  const face = useFace(id);
  return <Avatar id={id} name={face?.display_name ?? face?.username ?? ""} hue={face?.hue ?? null} size={20} />;
}
