import { useEffect, useState } from "react";
import type { Message } from "#shared/models.ts";
import { useChatMessage } from "./chat.ts";
import { useHouse } from "./house.ts";

/** A message of the room as it stands now; null: not known yet; unseen: not there, or not for this person. */
export function useQuoted(roomId: number, id: number): Message | "unseen" | null {
  const { chat } = useHouse();
  const here = useChatMessage(roomId, id);
  const [asked, setAsked] = useState<Message | "unseen" | null>(null);
  const isHere = here !== undefined;
  useEffect(() => {
    if (isHere) return;
    let isWanted = true;
    chat.api.message(id).then(
      (message) => isWanted && setAsked(message),
      () => isWanted && setAsked("unseen"),
    );
    return () => {
      isWanted = false;
    };
  }, [chat, id, isHere]);
  return here ?? asked;
}
