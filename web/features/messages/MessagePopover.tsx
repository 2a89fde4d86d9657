import { Popover } from "@base-ui/react/popover";
import { useRef, useState } from "react";
import { isEmoji } from "#shared/emoji.ts";
import type { Message } from "#shared/models.ts";
import { classNames } from "#web/ui/class-names.ts";
import type { MenuItem } from "#web/ui/Menu.tsx";
import css from "./MessagePopover.module.css";

interface MessagePopoverProps {
  message: Message;
  anchor: HTMLElement;
  meId: number;
  mayReact: boolean;
  items: readonly MenuItem[];
  onReact: (emoji: string, on: boolean) => void;
  onClose: () => void;
}

const QUICK = ["👍", "❤️", "😂", "🎉", "🙏", "👀", "✅"];

/** A short row of emoji, a field for every other one, and what else can be done to the message. */
export function MessagePopover({ message, anchor, meId, mayReact, items, onReact, onClose }: MessagePopoverProps) {
  const mine = new Set(message.reactions?.filter(({ user_ids }) => user_ids.includes(meId)).map(({ emoji }) => emoji));
  const leads = useRef(false);
  const choose = (emoji: string) => {
    onReact(emoji, !mine.has(emoji));
    onClose();
  };
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Portal>
        <Popover.Positioner className={css.place} anchor={anchor} side="bottom" align="end" sideOffset={4}>
          <Popover.Popup
            className={css.popup}
            aria-label="What to do with the message"
            finalFocus={() => (leads.current ? false : anchor)}
          >
            {mayReact && (
              <div className={css.emojis}>
                {QUICK.map((emoji) => (
                  <button key={emoji} type="button" aria-pressed={mine.has(emoji)} onClick={() => choose(emoji)}>
                    {emoji}
                  </button>
                ))}
                <AnyEmoji onChoose={choose} />
              </div>
            )}
            {items.map((item) => (
              <button
                key={item.label}
                type="button"
                className={classNames(css.item, item.danger && css.danger)}
                onClick={() => {
                  // What it leads to takes the focus, and gives it back to where this was opened.
                  leads.current = true;
                  anchor.focus();
                  onClose();
                  item.run();
                }}
              >
                {item.label}
              </button>
            ))}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** The person's own keyboard has every emoji there is, and knows which they use. */
function AnyEmoji({ onChoose }: { onChoose: (emoji: string) => void }) {
  const [text, setText] = useState("");
  return (
    <input
      className={css.any}
      value={text}
      aria-label="Another emoji, from your keyboard"
      placeholder="Any emoji"
      aria-invalid={text !== "" && !isEmoji(text.trim())}
      onChange={(event) => {
        const given = event.target.value;
        setText(given);
        if (isEmoji(given.trim())) onChoose(given.trim());
      }}
    />
  );
}
