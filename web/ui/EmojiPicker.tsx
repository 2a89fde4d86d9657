import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { isEmoji } from "#shared/emoji.ts";
import css from "./EmojiPicker.module.css";
import { findEmojis, type KnownEmoji, loadEmojis } from "./find-emojis.ts";
import { noteEmoji, usedEmojis } from "./used-emojis.ts";

interface EmojiPickerProps {
  /** Those that are chosen already. */
  pressed?: ReadonlySet<string>;
  onChoose: (emoji: string) => void;
}

const COLUMNS = 7;
const FOUND = 10 * COLUMNS;

/** A field that finds an emoji by its name, or takes one from the person's own keyboard, over all of them. */
export function EmojiPicker({ pressed, onChoose }: EmojiPickerProps) {
  const all = useEmojis();
  const [text, setText] = useState("");
  const place = useRef<HTMLDivElement>(null);
  const groups = useMemo(() => groupsFor(all, text), [all, text]);
  const choose = (emoji: string) => {
    noteEmoji(emoji);
    onChoose(emoji);
  };
  const first = groups[0]?.emojis[0];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears what bubbles up from the buttons in it
    <div ref={place} className={css.picker} onKeyDown={(event) => moveFocus(event, place.current)}>
      <input
        className={css.field}
        value={text}
        aria-label="Find an emoji by its name, or give one from your keyboard"
        placeholder="Find an emoji"
        onChange={(event) => {
          const given = event.target.value;
          setText(given);
          if (isEmoji(given.trim())) choose(given.trim());
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.nativeEvent.isComposing || text === "") return;
          event.preventDefault();
          if (first) choose(first.emoji);
        }}
      />
      <div className={css.groups}>
        {groups.map(({ title, emojis }) => (
          <fieldset key={title} className={css.group}>
            <legend className={css.title}>{title}</legend>
            {emojis.map(({ emoji, name }) => (
              <button
                key={emoji}
                type="button"
                aria-label={`${emoji} ${name}`}
                title={name}
                aria-pressed={pressed?.has(emoji)}
                onClick={() => choose(emoji)}
              >
                {emoji}
              </button>
            ))}
          </fieldset>
        ))}
        {text !== "" && groups.length === 0 && (
          <p className={css.none} role="status">
            No emoji has that name.
          </p>
        )}
      </div>
    </div>
  );
}

interface Group {
  title: string;
  emojis: { emoji: string; name: string }[];
}

function groupsFor(all: readonly KnownEmoji[], text: string): Group[] {
  const named = ({ emoji, names }: KnownEmoji) => ({ emoji, name: names[0] ?? "" });
  if (text.trim() !== "") {
    const found = findEmojis(all, text, FOUND);
    return found.length === 0 ? [] : [{ title: "Found", emojis: found.map(named) }];
  }
  const used = usedEmojis(2 * COLUMNS).map((emoji) => ({
    emoji,
    name: all.find((one) => one.emoji === emoji)?.names[0] ?? "",
  }));
  const rest = [...Map.groupBy(all, ({ category }) => category)].map(([title, emojis]) => ({
    title,
    emojis: emojis.map(named),
  }));
  return [{ title: "Used lately", emojis: used }, ...rest];
}

function useEmojis(): readonly KnownEmoji[] {
  const [all, setAll] = useState<readonly KnownEmoji[]>([]);
  useEffect(() => {
    // Without them the keyboard's own are taken all the same.
    loadEmojis().then(setAll, () => {});
  }, []);
  return all;
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS };

/** From the field down into the buttons, and about in them, by the arrow keys. */
function moveFocus(event: KeyboardEvent, place: HTMLElement | null): void {
  const step = STEPS[event.key];
  if (step === undefined || !place) return;
  const buttons = [...place.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  if (at < 0 && event.key !== "ArrowDown") return;
  event.preventDefault();
  const next = at < 0 ? 0 : at + step;
  if (next < 0) place.querySelector("input")?.focus();
  else buttons[Math.min(next, buttons.length - 1)]?.focus();
}
