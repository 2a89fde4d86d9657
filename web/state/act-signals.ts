import type { Chat } from "#client/chat.ts";

const ACTS = ["pointerdown", "pointermove", "keydown", "wheel", "focus"] as const;

/** Tells the chat that somebody sits at this page: what the page does by itself, as reading what comes, says nothing of that. */
export function passOnActs(chat: Pick<Chat, "acted">): () => void {
  const stop = new AbortController();
  const acted = ({ type, target, isTrusted }: Event) => {
    // What is focused inside of the page is often so by the page.
    if (isTrusted && (type !== "focus" || target === window)) chat.acted();
  };
  for (const name of ACTS) window.addEventListener(name, acted, { signal: stop.signal, passive: true, capture: true });
  return () => stop.abort();
}
