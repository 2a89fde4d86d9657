import { Link } from "wouter";
import type { Message } from "#shared/models.ts";
import { useCalledTotal, useFace, useRoomTitle } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { messagePath } from "#web/state/message-link.ts";
import { useTitle } from "#web/state/title.ts";
import { useToday } from "#web/state/today.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { classNames } from "#web/ui/class-names.ts";
import { EmptyState } from "#web/ui/EmptyState.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import links from "#web/ui/MessageLinks.module.css";
import { Names } from "#web/ui/Names.tsx";
import { Page } from "#web/ui/Page.tsx";
import { dayName } from "#web/ui/show-time.ts";
import { Time } from "#web/ui/Time.tsx";
import css from "./MentionsPage.module.css";

/** Messages that call one, from all rooms, the newest first: each leads to its place. */
export function MentionsPage() {
  const { chat } = useHouse();
  // Asked for anew when one is called or has read: what was taken back is gone from it then.
  const called = useCalledTotal();
  const pages = usePages("", (cursor) => chat.api.mentions({ cursor }), called);
  useTitle("Mentions");
  if (pages.items?.length === 0) {
    return (
      <EmptyState
        title="Nobody has called you yet"
        text="Messages with your name, a group of yours or @room are found here."
      />
    );
  }
  return (
    <Page title="Mentions" lead="Messages that call you, the newest first.">
      <ul className={links.list} aria-label="Mentions">
        {pages.items?.map((message) => (
          <MentionRow key={message.id} message={message} />
        ))}
      </ul>
      <ListEnd pages={pages} none="" />
    </Page>
  );
}

function MentionRow({ message }: { message: Message }) {
  const title = useRoomTitle(message.room_id);
  const today = useToday();
  const face = useFace(message.user_id);
  const name = face?.display_name ?? message.username;
  const day = dayName(Date.parse(message.timestamp), today);
  return (
    <li>
      <Link href={messagePath(message)} className={links.link}>
        <Avatar id={message.user_id} name={name} hue={face?.hue ?? null} size={38} />
        <span className={links.about}>
          <span className={links.top}>
            <span className={links.by}>
              <Names display={name} username={message.username} />
            </span>
            <span className={links.where}>
              in <bdi>{title}</bdi>
            </span>
            <span className={links.at}>{day === "Today" ? <Time at={message.timestamp} /> : day}</span>
          </span>
          <span className={classNames(links.words, css.words)} dir="auto">
            {message.content}
          </span>
        </span>
      </Link>
    </li>
  );
}
