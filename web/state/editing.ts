import { useCallback, useState } from "react";
import { useHouse } from "./house.ts";

/** What of one's own is being edited. */
export interface Editing {
  readonly key: string;
  /** As it was said. */
  readonly content: string;
  /** As it is written by now. */
  readonly text?: string;
  readonly save: (content: string) => Promise<void>;
}

/** What is being edited in a talk. It is kept while another one is shown, with what was written so far. */
export function useEditing(roomId: number, thread?: number) {
  const { edits } = useHouse();
  const place = thread === undefined ? String(roomId) : `${roomId}.${thread}`;
  const [editing, show] = useState<Editing | null>(() => edits.get(place) ?? null);
  const setEditing = useCallback(
    (next: Editing | null) => {
      if (next) edits.set(place, next);
      else edits.delete(place);
      show(next);
    },
    [edits, place],
  );
  const keepText = useCallback(
    (text: string) => {
      const now = edits.get(place);
      if (now) edits.set(place, { ...now, text });
    },
    [edits, place],
  );
  return { editing, setEditing, keepText };
}
