import { createContext, useContext } from "react";
import type { Chat } from "#client/chat.ts";
import type { Account } from "#shared/models.ts";
import type { BrowserSession } from "#web/session/browser-session.ts";
import type { Editing } from "./editing.ts";

/** What every page behind the login is given. */
export interface House {
  readonly chat: Chat;
  readonly session: BrowserSession;
  readonly user: Account;
  /** By room or thread, what is being edited there. */
  readonly edits: Map<string, Editing>;
}

export const HouseContext = createContext<House | null>(null);

export function useHouse(): House {
  const house = useContext(HouseContext);
  if (!house) throw new Error("This component belongs inside the chat");
  return house;
}
