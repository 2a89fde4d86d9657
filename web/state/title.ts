import { useEffect } from "react";
import { useCalledTotal, useThreadsUnread, useUnreadTotal } from "./chat.ts";

/** The page's name in the tab, behind the number of unread messages and replies, or of those that call one. */
export function useTitle(page: string): void {
  const unread = useUnreadTotal() + useThreadsUnread();
  const called = useCalledTotal();
  const counts = called > 0 ? `@${called}` : unread > 999 ? "999+" : String(unread);
  usePlainTitle(called > 0 || unread > 0 ? `(${counts}) ${page}` : page);
}

/** For pages before the login, where nothing is unread. */
export function usePlainTitle(page: string): void {
  useEffect(() => {
    document.title = `${page} · Parlour`;
  }, [page]);
}
