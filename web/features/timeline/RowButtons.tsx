import type { Message } from "#shared/models.ts";
import { MoreIcon, ReplyIcon, SmileIcon, ThreadIcon } from "#web/ui/icons.tsx";
import css from "./MessageRow.module.css";
import { useMessageActs } from "./message-acts.ts";

/**
 * What can be done to a message, for whoever points at it. The keyboard stops at one of them only and goes on from
 * there by the arrow keys: a hundred messages must not be a hundred stops.
 */
export function RowButtons({ message, isNewest }: { message: Message; isNewest: boolean }) {
  const acts = useMessageActs();
  const isGone = message.deleted_at !== undefined;
  if (!acts || (isGone && !acts.hasMenu(message))) return null;
  return (
    <div className={css.buttons}>
      {acts.mayReact && !isGone && (
        <button
          type="button"
          className={css.quick}
          tabIndex={-1}
          aria-label="React"
          title="React"
          onClick={(event) => acts.openEmojis(message, event.currentTarget)}
        >
          <SmileIcon />
        </button>
      )}
      {acts.reply && !isGone && (
        <button
          type="button"
          className={css.quick}
          tabIndex={-1}
          aria-label="Reply"
          title="Reply"
          onClick={() => acts.reply?.(message)}
        >
          <ReplyIcon />
        </button>
      )}
      {acts.openThread && acts.mayReplyInThread && !isGone && (
        <button
          type="button"
          className={css.quick}
          tabIndex={-1}
          aria-label="Reply in thread"
          title="Reply in thread"
          onClick={() => acts.openThread?.(message)}
        >
          <ThreadIcon size={18} />
        </button>
      )}
      {acts.hasMenu(message) && (
        <button
          type="button"
          data-row-menu=""
          tabIndex={isNewest ? 0 : -1}
          aria-haspopup="dialog"
          aria-label={`Actions for the message by ${message.username}`}
          title="More"
          onKeyDown={(event) => {
            if (event.ctrlKey || event.metaKey || event.altKey) return;
            if (event.key === "u") acts.markUnread?.(message);
            if (event.key === "t" && acts.openThread && !isGone) {
              event.preventDefault();
              acts.openThread(message);
            }
          }}
          onClick={(event) => acts.openMenu(message, event.currentTarget)}
        >
          <MoreIcon />
        </button>
      )}
    </div>
  );
}

/** From one message's button to the next; answers whether the key meant that. */
export function walkRows(log: HTMLElement, target: EventTarget, key: string): boolean {
  const step = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (step === undefined || !(target instanceof HTMLElement) || target.dataset.rowMenu === undefined) return false;
  const all = [...log.querySelectorAll<HTMLElement>("[data-row-menu]")];
  all[all.indexOf(target) + step]?.focus();
  return true;
}
