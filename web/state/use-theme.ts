import { useSyncExternalStore } from "react";
import { onTheme, readTheme, type Theme } from "./theme.ts";

export function useTheme(): Theme {
  return useSyncExternalStore(onTheme, readTheme);
}

/** What is seen now, which for "system" depends on the device. */
export function useIsDark(): boolean {
  const theme = useTheme();
  const deviceIsDark = useSyncExternalStore(onDevice, () => device().matches);
  return theme === "system" ? deviceIsDark : theme === "dark";
}

const device = () => window.matchMedia("(prefers-color-scheme: dark)");

function onDevice(listener: () => void): () => void {
  const query = device();
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}
