import { useState } from "react";
import type { Message } from "#shared/models.ts";
import { SmileIcon } from "#web/ui/icons.tsx";
import { useMessageActs } from "./message-acts.ts";
import css from "./Reactions.module.css";

type Names = ReadonlyMap<string, readonly string[]>;

/** The emoji on a message, each with its number: pressed is one's own. Who put them on is told on pointing or focus. */
export function Reactions({ message }: { message: Message }) {
  const acts = useMessageActs();
  const [known, setKnown] = useState<{ of: number; names: Names } | null>(null);
  const { reactions } = message;
  if (!acts || reactions === undefined) return null;
  const names = known?.of === message.changed ? known.names : null;
  const ask = () => {
    if (names) return;
    acts.whoReacted(message).then(
      (told) => setKnown({ of: message.changed, names: told }),
      () => {},
    );
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears what bubbles up from the buttons in it
    <div className={css.reactions} onPointerOver={ask} onFocus={ask}>
      {reactions.map(({ emoji, user_ids }) => {
        const isMine = user_ids.includes(acts.meId);
        const who = whoIn(names?.get(emoji), user_ids.length);
        return (
          <button
            key={emoji}
            type="button"
            className={css.reaction}
            aria-pressed={isMine}
            aria-label={`${emoji} ${user_ids.length}${who ? `, ${who}` : ""}`}
            aria-disabled={!acts.mayReact}
            onClick={() => acts.mayReact && acts.react(message, emoji, !isMine)}
          >
            <span className={css.emoji}>{emoji}</span>
            <span className={css.count}>{user_ids.length}</span>
            {who && <span className={css.who}>{who}</span>}
          </button>
        );
      })}
      {acts.mayReact && (
        <button
          type="button"
          className={css.reaction}
          aria-label="Add a reaction"
          title="Add a reaction"
          onClick={(event) => acts.openEmojis(message, event.currentTarget)}
        >
          <SmileIcon />
        </button>
      )}
    </div>
  );
}

const NAMED = 12;

function whoIn(names: readonly string[] | undefined, count: number): string {
  if (!names) return "";
  const shown = names.slice(0, NAMED).join(", ");
  return count > NAMED ? `${shown} and ${count - NAMED} more` : shown;
}
