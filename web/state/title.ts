import { useEffect } from "react";
import { useUnreadTotal } from "./chat.ts";

/** The page's name in the tab, behind the number of unread messages. */
export function useTitle(page: string): void {
  const unread = useUnreadTotal();
  usePlainTitle(unread > 0 ? `(${unread > 999 ? "999+" : unread}) ${page}` : page);
}

/** For pages before the login, where nothing is unread. */
export function usePlainTitle(page: string): void {
  useEffect(() => {
    document.title = `${page} · Parlour`;
  }, [page]);
}
