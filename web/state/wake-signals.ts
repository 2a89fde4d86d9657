import type { Chat } from "#client/chat.ts";

/** A page that slept keeps a socket that looks open and is dead: every sign of life makes the chat look after its line. */
export function passOnWakeSignals(chat: Pick<Chat, "wake" | "online" | "offline">): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const wake = () => {
    if (document.visibilityState === "visible") chat.wake();
  };
  document.addEventListener("visibilitychange", wake, { signal });
  window.addEventListener("focus", wake, { signal });
  window.addEventListener("pageshow", wake, { signal });
  window.addEventListener("online", () => chat.online(), { signal });
  window.addEventListener("offline", () => chat.offline(), { signal });
  return () => stop.abort();
}
