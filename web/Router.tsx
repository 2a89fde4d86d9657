import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { Redirect, Route, Switch, useLocation, useSearch } from "wouter";
import { FrontDoor } from "./features/entry/FrontDoor.tsx";
import { LoginPage } from "./features/entry/LoginPage.tsx";
import { PasswordLinkPage } from "./features/entry/PasswordLinkPage.tsx";
import { SignupPage } from "./features/entry/SignupPage.tsx";
import { Splash, Unreachable } from "./features/entry/Splash.tsx";
import { loginAddress, nextAddress } from "./next-address.ts";
import { useSessionState } from "./state/session.ts";

export const loadChatHome = () => import("./ChatHome.tsx");
const InvitePage = lazy(() =>
  import("./features/entry/InvitePage.tsx").then((module) => ({ default: module.InvitePage })),
);
const MailLinkPage = lazy(() =>
  import("./features/entry/MailLinkPage.tsx").then((module) => ({ default: module.MailLinkPage })),
);
const ChatHome = lazy(() => loadChatHome().then((module) => ({ default: module.ChatHome })));

/** Every address of the web. Those under /chat are in ChatHome.tsx, which is loaded when somebody is logged in. */
export function Router() {
  const state = useSessionState();
  if (state.status === "unknown") return <Splash />;
  if (state.status === "unreachable") return <Unreachable />;
  return (
    <Switch>
      <Route path="/">{state.status === "in" ? <Redirect to="/chat" replace /> : <FrontDoor />}</Route>
      <Route path="/login">
        <Entry>{(search) => <LoginPage search={search} />}</Entry>
      </Route>
      <Route path="/signup">
        <Entry>{(search) => <SignupPage search={search} />}</Entry>
      </Route>
      <Route path="/chat/password">
        <PasswordLinkPage />
      </Route>
      <Route path="/chat/mail">
        <Suspense fallback={<Splash />}>
          <MailLinkPage />
        </Suspense>
      </Route>
      <Route path="/chat/invite">
        <Suspense fallback={<Splash />}>
          <InvitePage />
        </Suspense>
      </Route>
      <Route path="/chat/*?">
        <Suspense fallback={<Splash />}>
          {state.status === "in" ? <ChatHome key={state.user.id} user={state.user} /> : <ToLogin />}
        </Suspense>
      </Route>
      <Route>
        <Redirect to="/" replace />
      </Route>
    </Switch>
  );
}

/** Whoever is logged in goes on to where they wanted to be. */
function Entry({ children }: { children: (search: string) => ReactNode }) {
  const state = useSessionState();
  const search = useSearch();
  if (state.status === "in") return <Redirect to={nextAddress(search)} replace />;
  return children(search === "" ? "" : `?${search}`);
}

function ToLogin() {
  const state = useSessionState();
  const [path, go] = useLocation();
  const hasLeft = state.status === "out" && state.why === "left";
  useEffect(() => go(hasLeft ? "/login" : loginAddress(path), { replace: true }), [go, path, hasLeft]);
  return null;
}
