import { useEffect } from "react";
import { useLocation } from "wouter";
import { useHouse } from "#web/state/house.ts";
import { closeNotices, settlePush } from "./closed-browser.ts";

/** Keeps the page and what is told beside it together: a notice that is pressed opens its room, a room takes its notices. */
export function useClosedBrowser(): void {
  const { chat } = useHouse();
  const [path, go] = useLocation();
  useEffect(() => {
    settlePush(chat.api).catch(() => {});
  }, [chat]);
  useEffect(() => {
    if (!("serviceWorker" in navigator)) return;
    const hear = ({ data }: MessageEvent<unknown>) => {
      const said = data as { type?: unknown; path?: unknown } | null;
      if (said?.type === "go" && typeof said.path === "string") go(said.path);
    };
    navigator.serviceWorker.addEventListener("message", hear);
    return () => navigator.serviceWorker.removeEventListener("message", hear);
  }, [go]);
  useEffect(() => {
    const room = /^\/chat\/(\d+)/.exec(path)?.[1];
    if (room !== undefined) closeNotices(Number(room)).catch(() => {});
  }, [path]);
}
