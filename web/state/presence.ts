import { useSyncExternalStore } from "react";

/** Whether somebody can be taken to read the page: it is visible and has the focus. */
export function useAtDesk(): boolean {
  return useSyncExternalStore(subscribe, atDesk);
}

function atDesk(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

function subscribe(listener: () => void): () => void {
  const stop = new AbortController();
  document.addEventListener("visibilitychange", listener, { signal: stop.signal });
  window.addEventListener("focus", listener, { signal: stop.signal });
  window.addEventListener("blur", listener, { signal: stop.signal });
  return () => stop.abort();
}
