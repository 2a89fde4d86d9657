import { Link } from "wouter";
import type { FollowedThread } from "#shared/contract/threads.ts";
import { useFace, useRoomTitle, useThreadsUnread, useThreadUnread } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { useDraft } from "#web/state/kept.ts";
import { useTitle } from "#web/state/title.ts";
import { useToday } from "#web/state/today.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { classNames } from "#web/ui/class-names.ts";
import { DraftSign } from "#web/ui/DraftSign.tsx";
import { EmptyState } from "#web/ui/EmptyState.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import links from "#web/ui/MessageLinks.module.css";
import { Names } from "#web/ui/Names.tsx";
import { Page } from "#web/ui/Page.tsx";
import { dayName } from "#web/ui/show-time.ts";
import { Time } from "#web/ui/Time.tsx";
import css from "./ThreadsPage.module.css";

/** The threads that one follows, the one with the newest reply first. */
export function ThreadsPage() {
  const { chat } = useHouse();
  // Asked for anew when something was said or read: the order is by what was said last.
  const unread = useThreadsUnread();
  const pages = usePages("", (cursor) => chat.api.threads({ cursor }), unread);
  useTitle("Threads");
  if (pages.items?.length === 0) {
    return (
      <EmptyState
        title="No threads yet"
        text="Reply to a message in a thread, or follow one, and it is here with what is new in it."
      />
    );
  }
  return (
    <Page title="Threads" lead="What you follow, the newest reply first.">
      <ul className={links.list} aria-label="Threads">
        {pages.items?.map((item) => (
          <ThreadRow key={item.root.id} item={item} />
        ))}
      </ul>
      <ListEnd pages={pages} none="" />
    </Page>
  );
}

function ThreadRow({ item: { root, last } }: { item: FollowedThread }) {
  const title = useRoomTitle(root.room_id);
  const unread = useThreadUnread(root.id);
  const hasDraft = useDraft(root.room_id, root.id) !== "";
  const today = useToday();
  const face = useFace(root.user_id);
  const name = face?.display_name ?? root.username;
  const at = last?.timestamp ?? root.timestamp;
  const day = dayName(Date.parse(at), today);
  return (
    <li>
      <Link
        href={`/chat/${root.room_id}/thread/${root.id}`}
        className={classNames(links.link, unread > 0 && css.unread)}
      >
        <Avatar id={root.user_id} name={name} hue={face?.hue ?? null} size={38} />
        <span className={links.about}>
          <span className={links.top}>
            <span className={links.by}>
              <Names display={name} username={root.username} />
            </span>
            <span className={links.where}>
              in <bdi>{title}</bdi>
            </span>
            <span className={links.at}>{day === "Today" ? <Time at={at} /> : day}</span>
          </span>
          <span className={classNames(links.words, css.words)} dir="auto">
            {root.deleted_at === undefined ? root.content : <em>This message was deleted</em>}
          </span>
          {last !== null && last.deleted_at === undefined && (
            <span className={css.last} dir="auto">
              <Named id={last.user_id} username={last.username} />: {last.content}
            </span>
          )}
        </span>
        {hasDraft && <DraftSign />}
        {unread > 0 && (
          <span className={css.badge}>
            {unread}
            <span className="out-of-sight"> unread</span>
          </span>
        )}
      </Link>
    </li>
  );
}

function Named({ id, username }: { id: number; username: string }) {
  return <Names display={useFace(id)?.display_name} username={username} />;
}
