import { useSyncExternalStore } from "react";

/** Whether there is room for the people beside the messages. The same width stands in the style sheets. */
export function useIsWide(): boolean {
  return useSyncExternalStore(subscribe, () => query().matches);
}

const query = () => window.matchMedia("(min-width: 70rem)");

function subscribe(listener: () => void): () => void {
  const wide = query();
  wide.addEventListener("change", listener);
  return () => wide.removeEventListener("change", listener);
}
