import { useEffect, useState } from "react";
import { withSince } from "#shared/apply-event.ts";
import type { Message } from "#shared/models.ts";
import { useHouse } from "./house.ts";

/** How many messages are pinned in the room, as far as it is known. Their words are asked for where they are shown. */
export function usePinned(roomId: number): number {
  const { chat } = useHouse();
  const [count, setCount] = useState(0);
  useEffect(() => {
    let asked = 0;
    const load = async () => {
      asked += 1;
      const question = asked;
      const found = await chat.api.pinned(roomId).catch(() => null);
      if (question === asked && found) setCount(found.ids.length);
    };
    void load();
    const unhear = chat.on((notice) => {
      if (notice.type === "line" && notice.line.state === "live") void load();
      if (notice.type !== "event" || notice.event.room_id !== roomId) return;
      const { type } = notice.event;
      if (type === "message.pinned" || type === "message.unpinned" || type === "message.deleted") void load();
    });
    return () => {
      asked = -1;
      unhear();
    };
  }, [chat, roomId]);
  return count;
}

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
