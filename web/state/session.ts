import { createContext, useContext, useSyncExternalStore } from "react";
import type { BrowserSession, SessionState } from "#web/session/browser-session.ts";

export const SessionContext = createContext<BrowserSession | null>(null);

export function useSession(): BrowserSession {
  const session = useContext(SessionContext);
  if (!session) throw new Error("There is no session around this component");
  return session;
}

export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, () => session.state);
}
