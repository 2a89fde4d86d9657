import { Popover } from "@base-ui/react/popover";
import { EmojiPicker } from "#web/ui/EmojiPicker.tsx";
import css from "./EmojiPopover.module.css";

interface EmojiPopoverProps {
  anchor: HTMLElement;
  onChoose: (emoji: string) => void;
  onClose: () => void;
}

/** All emoji over the composer. Who chose one goes on writing. */
export function EmojiPopover({ anchor, onChoose, onClose }: EmojiPopoverProps) {
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Portal>
        <Popover.Positioner className={css.place} anchor={anchor} side="top" align="end" sideOffset={8}>
          <Popover.Popup className={css.popup} aria-label="Emoji" finalFocus={false}>
            <EmojiPicker
              onChoose={(emoji) => {
                onClose();
                onChoose(emoji);
              }}
            />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
