import { Component, type ReactNode } from "react";
import { Router } from "./Router.tsx";
import type { BrowserSession } from "./session/browser-session.ts";
import { SessionContext } from "./state/session.ts";
import { Button } from "./ui/Button.tsx";
import { EmptyState } from "./ui/EmptyState.tsx";

export function App({ session }: { session: BrowserSession }) {
  return (
    <Guard>
      <SessionContext value={session}>
        <Router />
      </SessionContext>
    </Guard>
  );
}

/** A fault while drawing, or a part of the page that an upgrade of the server took away: loading anew cures both. */
class Guard extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <EmptyState title="This page has to be loaded anew" text="Nothing that you sent or wrote is lost.">
        <Button look="main" onClick={() => location.reload()}>
          Reload
        </Button>
      </EmptyState>
    );
  }
}
