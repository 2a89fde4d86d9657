import { useSyncExternalStore } from "react";

const MINUTE = 60_000;

/** Midnight at which today began: a page that stays open over night says "Yesterday" in the morning. */
export function useToday(): number {
  return useSyncExternalStore(everyMinute, midnight);
}

function midnight(): number {
  return new Date().setHours(0, 0, 0, 0);
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function everyMinute(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, MINUTE);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
