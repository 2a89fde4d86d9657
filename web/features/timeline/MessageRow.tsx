import { memo } from "react";
import type { Message } from "#shared/models.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { classNames } from "#web/ui/class-names.ts";
import { Time } from "#web/ui/Time.tsx";
import css from "./MessageRow.module.css";
import { MessageText } from "./MessageText.tsx";

export const MessageRow = memo(function MessageRow({ message, head }: { message: Message; head: boolean }) {
  return (
    <article className={classNames(css.message, head && css.head)}>
      {head ? (
        <Avatar id={message.user_id} name={message.username} />
      ) : (
        <Time at={message.timestamp} narrow className={css.beside} />
      )}
      <div className={css.body}>
        <header className={head ? css.by : "out-of-sight"}>
          <bdi className={css.author}>{message.username}</bdi>
          {head && <Time at={message.timestamp} className={css.time} />}
        </header>
        <MessageText text={message.content} />
      </div>
    </article>
  );
});
