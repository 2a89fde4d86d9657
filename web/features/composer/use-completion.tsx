import { type KeyboardEvent, type RefObject, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import type { Group } from "#shared/contract/notify.ts";
import { mayCallRoom } from "#shared/permissions.ts";
import { useRoomView, useStanding } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { Avatar } from "#web/ui/Avatar.tsx";
import { type KnownEmoji, loadEmojis } from "#web/ui/find-emojis.ts";
import css from "./Completion.module.css";
import { type Choice, callAt, choicesFor } from "./call-at.ts";
import { emojiAt, emojiChoices, emojiClosed } from "./emoji-at.ts";

/**
 * A list over the field of whom an @ may mean, or which emoji a colon. The focus stays in the field; arrows, Enter, Tab
 * and Escape are the list's.
 */
export function useCompletion(
  roomId: number,
  text: string,
  field: RefObject<HTMLTextAreaElement | null>,
  write: (text: string) => void,
) {
  const [caret, setCaret] = useState<number | null>(null);
  const [at, setAt] = useState(0);
  const wanted = useRef<number | null>(null);
  const listId = useId();
  const call = caret === null ? null : callAt(text, caret);
  const emoji = caret === null || call ? null : emojiAt(text, caret);
  const written = call ?? emoji;
  const people = usePeople(roomId, call?.part ?? null);
  const emojis = useEmojis(text.includes(":"));
  const found = emoji ? emojiChoices(emojis, emoji.part) : people;
  // A name that is written out needs no choice: Enter sends.
  const choices = written && isWhole(found, text.slice(written.from, caret ?? 0)) ? [] : found;
  const isOpen = choices.length > 0;
  const chosen = Math.min(at, choices.length - 1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the caret goes behind the name when the text has it
  useLayoutEffect(() => {
    if (wanted.current !== null) field.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  }, [text]);
  // A name that was closed before they were known.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is written later is looked at as it is typed
  useEffect(() => {
    const closed = emojiClosed(emojis, text, field.current?.selectionStart ?? text.length);
    if (!closed) return;
    wanted.current = closed.caret;
    write(closed.text);
  }, [emojis]);

  const choose = ({ call }: Choice) => {
    if (!written || caret === null) return;
    const rest = text.slice(caret).replace(/^"/, "");
    const named = `${text.slice(0, written.from)}${call} `;
    wanted.current = named.length;
    setCaret(null);
    write(named + rest.replace(/^ /, ""));
    field.current?.focus();
  };
  /** What was typed just now: the caret's new place, and the text as it is to be. */
  const follow = (typed: string): string => {
    const at = field.current?.selectionStart ?? typed.length;
    const closed = emojiClosed(emojis, typed, at);
    if (closed) wanted.current = closed.caret;
    setCaret(closed?.caret ?? at);
    setAt(0);
    return closed?.text ?? typed;
  };
  /** Puts something in where the caret stands. */
  const insert = (part: string) => {
    const [from, to] = [field.current?.selectionStart ?? text.length, field.current?.selectionEnd ?? text.length];
    wanted.current = from + part.length;
    write(text.slice(0, from) + part + text.slice(to));
    field.current?.focus();
  };
  /** Whether the key was the list's. */
  const takesKey = (event: KeyboardEvent<HTMLTextAreaElement>): boolean => {
    const choice = choices[chosen];
    if (!isOpen || !choice || event.nativeEvent.isComposing || event.altKey || event.ctrlKey || event.metaKey)
      return false;
    if (event.key === "ArrowDown") setAt((chosen + 1) % choices.length);
    else if (event.key === "ArrowUp") setAt((chosen + choices.length - 1) % choices.length);
    else if (event.key === "Escape") setCaret(null);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) choose(choice);
    else return false;
    event.preventDefault();
    return true;
  };
  const list = isOpen && (
    <div className={css.list} id={listId} role="listbox" aria-label={emoji ? "Which emoji" : "Whom to call"}>
      {choices.map((choice, place) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are taken by the field, which keeps the focus
        <div
          key={choice.call}
          id={`${listId}-${place}`}
          role="option"
          tabIndex={-1}
          aria-selected={place === chosen}
          className={css.choice}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(choice)}
        >
          {choice.person ? (
            <Avatar id={choice.person.user_id} name={choice.title} hue={choice.person.hue ?? null} size={22} />
          ) : (
            <span className={css.sign} aria-hidden="true">
              {choice.sign ?? "@"}
            </span>
          )}
          <bdi className={css.title}>{choice.title}</bdi>
          {choice.hint !== "" && <bdi className={css.hint}>{choice.hint}</bdi>}
        </div>
      ))}
    </div>
  );
  const said = (
    <span className="out-of-sight" role="status">
      {isOpen ? `${choices.length} to choose from with the arrow keys` : ""}
    </span>
  );
  const props = {
    "aria-autocomplete": "list",
    "aria-controls": isOpen ? listId : undefined,
    "aria-activedescendant": isOpen ? `${listId}-${chosen}` : undefined,
    onBlur: () => setCaret(null),
  } as const;
  return { list, said, props, follow, insert, takesKey };
}

function isWhole([only, ...others]: readonly Choice[], text: string): boolean {
  return others.length === 0 && only?.call.toLowerCase() === text.toLowerCase();
}

function usePeople(roomId: number, part: string | null): Choice[] {
  const { chat } = useHouse();
  const members = useRoomView(roomId).log?.members ?? null;
  const standing = useStanding(roomId);
  const [groups, setGroups] = useState<readonly Group[] | null>(null);
  const isAsked = part !== null;
  useEffect(() => {
    if (!isAsked) return;
    void chat.loadMembers(roomId);
    chat.api.groups().then(
      ({ items }) => setGroups(items),
      () => {},
    );
  }, [chat, roomId, isAsked]);
  if (part === null || members === null) return [];
  const everybody = standing !== null && mayCallRoom(standing, members.length);
  return choicesFor(part, { members, groups: groups ?? [], everybody });
}

function useEmojis(isAsked: boolean): readonly KnownEmoji[] {
  const [all, setAll] = useState<readonly KnownEmoji[]>([]);
  useEffect(() => {
    if (isAsked) loadEmojis().then(setAll, () => {});
  }, [isAsked]);
  return all;
}
