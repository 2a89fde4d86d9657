import { type ReactNode, type RefObject, useCallback, useEffect, useEffectEvent, useState } from "react";
import type { Sought } from "#client/chat.ts";
import type { TimelineHandle } from "#web/features/timeline/Timeline.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./RoomPage.module.css";

interface Named {
  /** The message that the address names; null: none, or nothing is loaded yet. */
  named: number | null;
  /** It is shown, or cannot be: the same link leads here again, and a reload to the newest messages. */
  onShown: () => void;
}

/** Leads to a message of a talk, at any depth, and says when it cannot be shown. */
export function useGoTo(
  timeline: RefObject<TimelineHandle | null>,
  seek: (id: number) => Promise<Sought>,
  { named, onShown }: Named,
): { goTo: (id: number) => void; lost: ReactNode } {
  const [fault, setFault] = useState<"gone" | "failed" | null>(null);
  const find = useCallback(
    async (id: number) => {
      setFault(null);
      if (timeline.current?.toMessage(id)) return;
      const sought = await seek(id);
      if (sought === "gone" || sought === "failed") setFault(sought);
    },
    [timeline, seek],
  );
  const shown = useEffectEvent(onShown);
  useEffect(() => {
    if (named === null) return;
    let isWanted = true;
    void find(named).then(() => isWanted && shown());
    return () => {
      isWanted = false;
    };
  }, [named, find]);
  const goTo = useCallback((id: number) => void find(id), [find]);
  const lost = fault !== null && (
    <div className={css.fault}>
      <Notice>{fault === "gone" ? "That message is not here any more." : "That message could not be loaded."}</Notice>
    </div>
  );
  return { goTo, lost };
}
