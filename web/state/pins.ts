import { useEffect, useState } from "react";
import { withSince } from "#shared/apply-event.ts";
import type { Message } from "#shared/models.ts";
import { useHouse } from "./house.ts";

/** What is pinned in the room, the newest pin first, as it stands now; null: not known yet. */
export function usePins(roomId: number): readonly Message[] | null {
  const { chat } = useHouse();
  const [pins, setPins] = useState<readonly Message[] | null>(null);
  useEffect(() => {
    let asked = 0;
    const load = async () => {
      asked += 1;
      const question = asked;
      const found = await chat.api.pins(roomId).catch(() => null);
      if (question === asked && found) setPins(found.items);
    };
    void load();
    const unhear = chat.on((notice) => {
      if (notice.type === "line" && notice.line.state === "live") void load();
      if (notice.type !== "event" || notice.event.room_id !== roomId) return;
      const { event } = notice;
      if (event.type === "message.pinned" || event.type === "message.unpinned") void load();
      else setPins((now) => now && withSince(now, [event]).filter((message) => message.pinned !== undefined));
    });
    return () => {
      asked = -1;
      unhear();
    };
  }, [chat, roomId]);
  return pins;
}
