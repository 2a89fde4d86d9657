import { memo, useState } from "react";
import { Link } from "wouter";
import type { Message } from "#shared/models.ts";
import { isCalled } from "#shared/notify.ts";
import { useFace, useIsBlocked, usePreferences } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { classNames } from "#web/ui/class-names.ts";
import { PinIcon } from "#web/ui/icons.tsx";
import { Names } from "#web/ui/Names.tsx";
import { fullTime } from "#web/ui/show-time.ts";
import { Time } from "#web/ui/Time.tsx";
import css from "./MessageRow.module.css";
import { MessageText } from "./MessageText.tsx";
import { useMessageActs } from "./message-acts.ts";
import { Quote } from "./Quote.tsx";
import { Reactions } from "./Reactions.tsx";
import { RowButtons } from "./RowButtons.tsx";
import { ThreadLine } from "./ThreadLine.tsx";

interface MessageRowProps {
  message: Message;
  head: boolean;
  /** The newest one is where the keyboard comes in. */
  isNewest: boolean;
  /** Somebody was led to it just now. */
  isSought: boolean;
}

export const MessageRow = memo(function MessageRow({ message, head, isNewest, isSought }: MessageRowProps) {
  const face = useFace(message.user_id);
  const acts = useMessageActs();
  const name = face?.display_name ?? message.username;
  const person = `/chat/people/${message.user_id}`;
  const { user } = useHouse();
  const { groups } = usePreferences();
  const isForMe = message.user_id !== user.id && isCalled(message.mentions, user.id, groups);
  const isBlocked = useIsBlocked(message.user_id);
  const [isUnfolded, setUnfolded] = useState(false);
  if (isBlocked && !isUnfolded) return <Folded onShow={() => setUnfolded(true)} />;
  return (
    <article className={classNames(css.message, head && css.head, isForMe && css.forMe, isSought && css.sought)}>
      {head ? (
        <Link href={person} className={css.face} tabIndex={-1} aria-hidden="true">
          <Avatar id={message.user_id} name={name} hue={face?.hue ?? null} />
        </Link>
      ) : (
        <Time at={message.timestamp} narrow className={css.beside} />
      )}
      <div className={css.body}>
        <header className={head ? css.by : "out-of-sight"}>
          {head ? (
            <Link href={person} className={css.author} tabIndex={isNewest ? 0 : -1}>
              <Names display={name} username={message.username} />
            </Link>
          ) : (
            <Names display={name} username={message.username} />
          )}
          {head && <Time at={message.timestamp} className={css.time} />}
        </header>
        {message.deleted_at === undefined ? (
          <>
            {message.pinned !== undefined && (
              <p className={css.pinned} title={`Pinned ${fullTime(message.pinned.at)}`}>
                <PinIcon />
                Pinned
              </p>
            )}
            {message.reply_to !== undefined && <Quote roomId={message.room_id} id={message.reply_to} />}
            <MessageText text={message.content} mentions={message.mentions} />
            {message.edited_at !== undefined && <Edited message={message} at={message.edited_at} />}
            <Reactions message={message} />
          </>
        ) : (
          <p className={css.gone}>This message was deleted</p>
        )}
        {message.replies !== undefined && acts?.openThread && (
          <ThreadLine message={message} replies={message.replies} onOpen={acts.openThread} />
        )}
      </div>
      <RowButtons message={message} isNewest={isNewest} />
    </article>
  );
});

/** What somebody wrote whom one blocks: it is there for who wants to know what others answer to. */
function Folded({ onShow }: { onShow: () => void }) {
  return (
    <article className={css.message}>
      <span className={css.beside} />
      <button type="button" className={css.folded} onClick={onShow}>
        A message by somebody you blocked. Show it
      </button>
    </article>
  );
}

function Edited({ message, at }: { message: Message; at: string }) {
  const acts = useMessageActs();
  if (!acts?.mayShowTexts(message)) {
    return (
      <span className={css.edited} title={`Edited ${fullTime(at)}`}>
        edited
      </span>
    );
  }
  return (
    <button
      type="button"
      className={css.edited}
      title={`Edited ${fullTime(at)}. Show what it said before`}
      onClick={() => acts?.showTexts(message)}
    >
      edited
    </button>
  );
}
