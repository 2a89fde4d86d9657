import { lazy, Suspense, useEffect, useState } from "react";
import { Route, Switch, useLocation, useRoute } from "wouter";
import type { Account } from "#shared/models.ts";
import { mayBrowse } from "#shared/permissions.ts";
import css from "./ChatHome.module.css";
import { ConnectionLine } from "./features/line/ConnectionLine.tsx";
import { RoomClosed } from "./features/room/RoomClosed.tsx";
import { RoomPage } from "./features/room/RoomPage.tsx";
import { Sidebar } from "./features/sidebar/Sidebar.tsx";
import { showNotices } from "./notices/desktop.ts";
import { useClosedBrowser } from "./push/use-closed-browser.ts";
import { kept } from "./session/open-session.ts";
import { type House, HouseContext, useHouse } from "./state/house.ts";
import { useMayCreateRoom } from "./state/may-create-room.ts";
import { openChat } from "./state/open-chat.ts";
import { useSession } from "./state/session.ts";
import { useTitle } from "./state/title.ts";
import { Button } from "./ui/Button.tsx";
import { EmptyState } from "./ui/EmptyState.tsx";

const BrowseRooms = lazy(() =>
  import("./features/rooms/BrowseRooms.tsx").then((module) => ({ default: module.BrowseRooms })),
);
const AccountPage = lazy(() =>
  import("./features/account/AccountPage.tsx").then((module) => ({ default: module.AccountPage })),
);
const PeoplePage = lazy(() =>
  import("./features/people/PeoplePage.tsx").then((module) => ({ default: module.PeoplePage })),
);
const PersonPage = lazy(() =>
  import("./features/people/PersonPage.tsx").then((module) => ({ default: module.PersonPage })),
);
const MentionsPage = lazy(() =>
  import("./features/mentions/MentionsPage.tsx").then((module) => ({ default: module.MentionsPage })),
);
const ThreadsPage = lazy(() =>
  import("./features/threads/ThreadsPage.tsx").then((module) => ({ default: module.ThreadsPage })),
);
const SavedPage = lazy(() => import("./features/kept/SavedPage.tsx").then((module) => ({ default: module.SavedPage })));
const ScheduledPage = lazy(() =>
  import("./features/kept/ScheduledPage.tsx").then((module) => ({ default: module.ScheduledPage })),
);
const AdminPage = lazy(() =>
  import("./features/admin/AdminPage.tsx").then((module) => ({ default: module.AdminPage })),
);
const CreateRoomDialog = lazy(() =>
  import("./features/rooms/CreateRoomDialog.tsx").then((module) => ({ default: module.CreateRoomDialog })),
);

const NewTalkDialog = lazy(() =>
  import("./features/rooms/NewTalkDialog.tsx").then((module) => ({ default: module.NewTalkDialog })),
);

/** Everything behind the login: one chat for one person, the rooms on the left, and the page that is chosen. */
export function ChatHome({ user }: { user: Account }) {
  const session = useSession();
  const [house, setHouse] = useState<House | null>(null);
  useEffect(() => {
    const opened = openChat(session, kept, user);
    setHouse(opened.house);
    return opened.close;
  }, [session, user]);
  return (
    house && (
      <HouseContext value={house}>
        <Home />
      </HouseContext>
    )
  );
}

function Home() {
  const [, go] = useLocation();
  useClosedBrowser();
  const { chat } = useHouse();
  useEffect(() => showNotices(chat, go), [chat, go]);
  const [isList] = useRoute("/chat");
  const [isCreating, setIsCreating] = useState(false);
  const [isBeginning, setIsBeginning] = useState(false);
  const [showsPeople, setShowsPeople] = useState(true);
  const create = () => setIsCreating(true);
  return (
    <div className={css.home} data-list={isList}>
      <a className={css.skip} href="#main">
        Skip to the page
      </a>
      <div className={css.line}>
        <ConnectionLine />
      </div>
      <div className={css.side}>
        <Sidebar onCreateRoom={create} onNewTalk={() => setIsBeginning(true)} />
      </div>
      <main className={css.main} id="main" tabIndex={-1}>
        <Suspense>
          <Switch>
            <Route path="/chat">
              <NothingChosen onCreateRoom={create} />
            </Route>
            <Route path="/chat/rooms">
              <BrowseRooms />
            </Route>
            <Route path="/chat/mentions">
              <MentionsPage />
            </Route>
            <Route path="/chat/threads">
              <ThreadsPage />
            </Route>
            <Route path="/chat/saved">
              <SavedPage />
            </Route>
            <Route path="/chat/scheduled">
              <ScheduledPage />
            </Route>
            <Route path="/chat/account">
              <AccountPage />
            </Route>
            <Route path="/chat/people">
              <PeoplePage />
            </Route>
            <Route path="/chat/people/:id">
              {({ id }) =>
                /^[1-9]\d{0,14}$/.test(id) ? <PersonPage key={id} id={Number(id)} /> : <RoomClosed why="not_found" />
              }
            </Route>
            <Route path="/chat/admin/:part?">{({ part }) => <AdminPage part={part ?? "people"} />}</Route>
            <Route<{ id: string; part?: string; root?: string; reply?: string }> path="/chat/:id/:part?/:root?/:reply?">
              {({ id, part, root, reply }) =>
                isId(id) && isPlace(part, root, reply) ? (
                  <RoomPage
                    key={id}
                    roomId={Number(id)}
                    messageId={part !== undefined && root === undefined ? Number(part) : null}
                    rootId={root === undefined ? null : Number(root)}
                    replyId={reply === undefined ? null : Number(reply)}
                    showsPeople={showsPeople}
                    onShowPeople={setShowsPeople}
                  />
                ) : (
                  <RoomClosed why="not_found" />
                )
              }
            </Route>
            <Route>
              <RoomClosed why="not_found" />
            </Route>
          </Switch>
        </Suspense>
      </main>
      <Suspense>
        {isBeginning && (
          <NewTalkDialog
            onClose={() => setIsBeginning(false)}
            onOpened={(roomId) => {
              setIsBeginning(false);
              go(`/chat/${roomId}`);
            }}
          />
        )}
        {isCreating && (
          <CreateRoomDialog
            onClose={() => setIsCreating(false)}
            onCreated={(roomId) => {
              setIsCreating(false);
              go(`/chat/${roomId}`);
            }}
          />
        )}
      </Suspense>
    </div>
  );
}

/** In a room: a message of it, a thread, or a reply in one. */
function isPlace(part: string | undefined, root: string | undefined, reply: string | undefined): boolean {
  if (reply !== undefined && !isId(reply)) return false;
  if (root !== undefined) return part === "thread" && isId(root);
  return part === undefined || isId(part);
}

function isId(text: string): boolean {
  return /^[1-9]\d{0,15}$/.test(text);
}

function NothingChosen({ onCreateRoom }: { onCreateRoom: () => void }) {
  const { user } = useHouse();
  const [, go] = useLocation();
  const mayCreate = useMayCreateRoom();
  useTitle("Rooms");
  if (!mayBrowse(user.role)) return <EmptyState title="Come in" text="Choose one of your rooms on the left." />;
  const text = mayCreate
    ? "Choose a room on the left, look at the public ones, or create one of your own."
    : "Choose a room on the left, or look at the public ones.";
  return (
    <EmptyState title="Come in" text={text}>
      <Button look="main" onClick={() => go("/chat/rooms")}>
        Browse rooms
      </Button>
      {mayCreate && <Button onClick={onCreateRoom}>Create a room</Button>}
    </EmptyState>
  );
}
