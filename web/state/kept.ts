import { useMemo } from "react";
import type { Scheduled } from "#shared/models.ts";
import { useChat } from "./chat.ts";
import { useHouse } from "./house.ts";

/** What one has written in the room or the thread and not sent. */
export function useDraft(roomId: number, thread: number | undefined): string {
  return useChat((chat) => chat.draft(roomId, thread));
}

/** Another number whenever something was saved or taken off the list. */
export function useSavedVersion(): number {
  const { chat } = useHouse();
  const version = useMeVersion();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the marks change with the version
  return useMemo(() => Math.max(0, ...[...chat.replica.saved.values()].map((mark) => mark.version)), [chat, version]);
}

/** Another number whenever something that one keeps may have changed. */
function useMeVersion(): number {
  return useChat((chat) => chat.replica.meVersion);
}

/** One's messages that are to be sent later, or could not be, the one that is due first first. */
export function useScheduled(): readonly Scheduled[] {
  const { chat } = useHouse();
  const version = useMeVersion();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows change with the version
  return useMemo(
    () =>
      [...chat.replica.scheduled.values()]
        .filter(({ state }) => state === "waiting" || state === "failed")
        .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id - b.id)),
    [chat, version],
  );
}
