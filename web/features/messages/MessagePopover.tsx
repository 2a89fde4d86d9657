import { Popover } from "@base-ui/react/popover";
import { useRef, useState } from "react";
import type { Message } from "#shared/models.ts";
import { classNames } from "#web/ui/class-names.ts";
import { EmojiPicker } from "#web/ui/EmojiPicker.tsx";
import { SmileIcon } from "#web/ui/icons.tsx";
import type { MenuItem } from "#web/ui/Menu.tsx";
import { noteEmoji, usedEmojis } from "#web/ui/used-emojis.ts";
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

const QUICK = 6;

/** A short row of emoji, a way to every other one, and what else can be done to the message. */
export function MessagePopover({ message, anchor, meId, mayReact, items, onReact, onClose }: MessagePopoverProps) {
  const mine = new Set(message.reactions?.filter(({ user_ids }) => user_ids.includes(meId)).map(({ emoji }) => emoji));
  const leads = useRef(false);
  // A message with nothing else to do to it is asked for its reactions alone.
  const [showsAll, setShowsAll] = useState(items.length === 0);
  const choose = (emoji: string) => {
    noteEmoji(emoji);
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
            {mayReact && showsAll && <EmojiPicker pressed={mine} onChoose={choose} />}
            {mayReact && !showsAll && (
              <div className={css.emojis}>
                {usedEmojis(QUICK).map((emoji) => (
                  <button key={emoji} type="button" aria-pressed={mine.has(emoji)} onClick={() => choose(emoji)}>
                    {emoji}
                  </button>
                ))}
                <button type="button" aria-label="Any emoji" title="Any emoji" onClick={() => setShowsAll(true)}>
                  <SmileIcon />
                </button>
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
