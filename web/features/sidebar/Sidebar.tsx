import { useId, useState } from "react";
import { Link, useRoute } from "wouter";
import type { RoomRow } from "#client/chat.ts";
import { limits } from "#shared/limits.ts";
import { mayBrowse, mayGovernHouse } from "#shared/permissions.ts";
import { useCalledTotal, useFace, useKnowsRooms, useRooms, useThreadsUnread } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { useScheduled } from "#web/state/kept.ts";
import { useMayCreateRoom } from "#web/state/may-create-room.ts";
import { chooseTheme } from "#web/state/theme.ts";
import { useIsDark } from "#web/state/use-theme.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { IconButton } from "#web/ui/Button.tsx";
import { classNames } from "#web/ui/class-names.ts";
import {
  AtIcon,
  BookmarkIcon,
  ClockIcon,
  CompassIcon,
  Mark,
  MoonIcon,
  PeopleIcon,
  PlusIcon,
  SlidersIcon,
  SunIcon,
  ThreadIcon,
} from "#web/ui/icons.tsx";
import { RoomLink } from "./RoomLink.tsx";
import css from "./Sidebar.module.css";

export function Sidebar({ onCreateRoom, onNewTalk }: { onCreateRoom: () => void; onNewTalk: () => void }) {
  const mayCreate = useMayCreateRoom();
  return (
    <header className={css.sidebar}>
      <div className={css.top}>
        <Link href="/chat" className={css.house}>
          <Mark size={26} />
          Parlour
        </Link>
        {mayCreate && (
          <IconButton label="Create room" onClick={onCreateRoom}>
            <PlusIcon />
          </IconButton>
        )}
      </div>
      <RoomList onNewTalk={onNewTalk} />
      <Foot />
    </header>
  );
}

function RoomList({ onNewTalk }: { onNewTalk: () => void }) {
  const { chat, user } = useHouse();
  const all = useRooms();
  const [showsHidden, setShowsHidden] = useState(false);
  const isKnown = useKnowsRooms();
  const headingId = useId();
  const [, chosen] = useRoute("/chat/:id/*?");
  const favouritesId = useId();
  // What somebody began with this person is there for them with its first message.
  const begun = all.filter(
    ({ room, head }) =>
      room.kind !== "direct" ||
      room.created_by === user.id ||
      (head !== null && head.n > 0) ||
      chosen?.id === String(room.id),
  );
  const isQuiet = (row: RoomRow) =>
    row.isHidden &&
    row.unread === 0 &&
    row.called === 0 &&
    row.unreadThreads === 0 &&
    chosen?.id !== String(row.room.id);
  const hidden = begun.filter(isQuiet).length;
  const shown = begun.filter((row) => showsHidden || !isQuiet(row));
  const favourites = shown.filter((row) => row.isFavourite);
  const rooms = shown.filter((row) => row.room.kind !== "direct" && !row.isFavourite);
  const talks = shown.filter((row) => row.room.kind === "direct" && !row.isFavourite);
  const [isBrowsing] = useRoute("/chat/rooms");
  const [isAmongMentions] = useRoute("/chat/mentions");
  const called = useCalledTotal();
  const [isInThreads] = useRoute("/chat/threads");
  const [isAmongSaved] = useRoute("/chat/saved");
  const [isAmongScheduled] = useRoute("/chat/scheduled");
  const scheduled = useScheduled();
  const failed = scheduled.filter(({ state }) => state === "failed").length;
  const unreadReplies = useThreadsUnread();
  const [isAmongPeople] = useRoute("/chat/people/:id?");
  const [isGoverning] = useRoute("/chat/admin/:part?");
  return (
    <nav className={css.rooms} aria-label="Rooms">
      {mayBrowse(user.role) && (
        <Link href="/chat/rooms" className={css.browse} aria-current={isBrowsing ? "page" : undefined}>
          <CompassIcon />
          Browse rooms
        </Link>
      )}
      <Link href="/chat/people" className={css.browse} aria-current={isAmongPeople ? "page" : undefined}>
        <PeopleIcon />
        People
      </Link>
      <Link
        href="/chat/mentions"
        className={classNames(css.browse, called > 0 && css.unread)}
        aria-current={isAmongMentions ? "page" : undefined}
      >
        <AtIcon />
        <span className={css.name}>Mentions</span>
        {called > 0 && (
          <span className={classNames(css.badge, css.called)}>
            {called}
            <span className="out-of-sight"> calling you</span>
          </span>
        )}
      </Link>
      <Link
        href="/chat/threads"
        className={classNames(css.browse, unreadReplies > 0 && css.unread)}
        aria-current={isInThreads ? "page" : undefined}
      >
        <ThreadIcon />
        <span className={css.name}>Threads</span>
        {unreadReplies > 0 && (
          <span className={css.badge}>
            {unreadReplies > limits.unreadCounted ? `${limits.unreadCounted}+` : unreadReplies}
            <span className="out-of-sight"> unread</span>
          </span>
        )}
      </Link>
      <Link href="/chat/saved" className={css.browse} aria-current={isAmongSaved ? "page" : undefined}>
        <BookmarkIcon />
        Saved
      </Link>
      {(scheduled.length > 0 || isAmongScheduled) && (
        <Link href="/chat/scheduled" className={css.browse} aria-current={isAmongScheduled ? "page" : undefined}>
          <ClockIcon />
          <span className={css.name}>To be sent later</span>
          <span className={css.note}>{failed > 0 ? `${failed} not sent` : scheduled.length}</span>
        </Link>
      )}
      {mayGovernHouse(user.role) && (
        <Link href="/chat/admin" className={css.browse} aria-current={isGoverning ? "page" : undefined}>
          <SlidersIcon />
          Administration
        </Link>
      )}
      {all.some((row) => row.unread + row.unreadThreads + row.called > 0) && (
        <button type="button" className={css.unhide} onClick={() => chat.markAllRead()}>
          Mark all as read
        </button>
      )}
      {favourites.length > 0 && (
        <>
          <div className={css.section}>
            <h2 id={favouritesId}>Favourites</h2>
          </div>
          <ul className={css.list} aria-labelledby={favouritesId}>
            {favourites.map((row) => (
              <li key={row.room.id}>
                <RoomLink row={row} isChosen={chosen?.id === String(row.room.id)} />
              </li>
            ))}
          </ul>
          {rooms.length > 0 && (
            <div className={css.section}>
              <h2>Rooms</h2>
            </div>
          )}
        </>
      )}
      <ul className={css.list}>
        {rooms.map((row) => (
          <li key={row.room.id}>
            <RoomLink row={row} isChosen={chosen?.id === String(row.room.id)} />
          </li>
        ))}
      </ul>
      {isKnown && begun.every((row) => row.room.kind === "direct") && <NoRoom />}
      <div className={css.section}>
        <h2 id={headingId}>Direct messages</h2>
        <IconButton label="New message" onClick={onNewTalk}>
          <PlusIcon />
        </IconButton>
      </div>
      <ul className={css.list} aria-labelledby={headingId}>
        {talks.map((row) => (
          <li key={row.room.id}>
            <RoomLink row={row} isChosen={chosen?.id === String(row.room.id)} />
          </li>
        ))}
      </ul>
      {hidden > 0 && (
        <button type="button" className={css.unhide} onClick={() => setShowsHidden(!showsHidden)}>
          {showsHidden ? "Hide the hidden again" : `Show ${hidden} hidden`}
        </button>
      )}
    </nav>
  );
}

function NoRoom() {
  const { user } = useHouse();
  const mayCreate = useMayCreateRoom();
  if (!mayBrowse(user.role)) return <p className={css.none}>You are in no room. Ask somebody to add you to one.</p>;
  return (
    <p className={css.none}>
      {mayCreate
        ? "You are in no room yet. Browse the public ones, or create one of your own."
        : "You are in no room yet. Browse the public ones."}
    </p>
  );
}

function Foot() {
  const { user } = useHouse();
  const face = useFace(user.id);
  const name = face?.display_name ?? user.username;
  const [isAccount] = useRoute("/chat/account");
  const isDark = useIsDark();
  return (
    <div className={css.foot}>
      <Link href="/chat/account" className={css.me} aria-current={isAccount ? "page" : undefined}>
        <Avatar id={user.id} name={name} hue={face?.hue ?? null} size={28} />
        <bdi className={css.name} title={user.username}>
          {name}
        </bdi>
        <span className="out-of-sight"> – your account</span>
      </Link>
      <IconButton
        label={isDark ? "Switch to the light theme" : "Switch to the dark theme"}
        onClick={() => chooseTheme(isDark ? "light" : "dark")}
      >
        {isDark ? <SunIcon /> : <MoonIcon />}
      </IconButton>
    </div>
  );
}
