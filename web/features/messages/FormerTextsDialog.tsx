import { useEffect, useState } from "react";
import type { FormerTexts } from "#shared/contract/messages.ts";
import type { Message } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { Dialog } from "#web/ui/Dialog.tsx";
import { fullTime } from "#web/ui/show-time.ts";
import css from "./dialogs.module.css";

type NumberedText = FormerTexts["items"][number] & { number: number };

/** What a message says and what it said before, the newest first. */
export function FormerTextsDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { chat } = useHouse();
  const [former, setFormer] = useState<NumberedText[] | "failed" | null>(null);
  useEffect(() => {
    chat.api.formerTexts(message.id).then(
      ({ items }) => setFormer(items.map((text, number) => ({ ...text, number })).toReversed()),
      () => setFormer("failed"),
    );
  }, [chat, message.id]);
  const now = { content: message.content, written_at: message.edited_at ?? message.timestamp, number: -1 };
  return (
    <Dialog title="What this message said" onClose={onClose}>
      {former === "failed" && <p role="alert">The earlier texts could not be loaded. Try again in a moment.</p>}
      {former !== null && former !== "failed" && (
        <ol className={css.texts}>
          {[now, ...former].map(({ content, written_at, number }, at) => (
            <li key={number}>
              <p className={css.when}>
                {at === 0 ? "Now, since " : at === former.length ? "At first, " : ""}
                {fullTime(written_at)}
              </p>
              <p className={css.text} dir="auto">
                {content}
              </p>
            </li>
          ))}
        </ol>
      )}
    </Dialog>
  );
}
