import { type KeyboardEvent, lazy, Suspense, useId, useLayoutEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { errors } from "#shared/errors.ts";
import type { Message } from "#shared/models.ts";
import { contentFault } from "#shared/text.ts";
import { useHouse } from "#web/state/house.ts";
import { useDraft } from "#web/state/kept.ts";
import { IconButton } from "#web/ui/Button.tsx";
import { classNames } from "#web/ui/class-names.ts";
import { ClockIcon, CloseIcon, SendIcon, SmileIcon } from "#web/ui/icons.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import css from "./Composer.module.css";
import { grow } from "./grow.ts";
import { intentOf } from "./keys.ts";
import { useCompletion } from "./use-completion.tsx";

const EmojiPopover = lazy(() => import("./EmojiPopover.tsx").then((module) => ({ default: module.EmojiPopover })));
const SendLaterDialog = lazy(() =>
  import("./SendLaterDialog.tsx").then((module) => ({ default: module.SendLaterDialog })),
);

interface ComposerProps {
  roomId: number;
  /** The message in whose thread is written. */
  thread?: number;
  /** What is to be written here. */
  label: string;
  onSent: () => void;
  /** The message that is answered; null: none. */
  answered: Message | null;
  /** It was answered, or is not to be. */
  onAnswered: () => void;
  /** Arrow up, with nothing written: the last thing one said is edited. */
  onEditLast: () => void;
  /** Escape: the person wants to look at the messages. */
  onLeave: () => void;
}

export function Composer(props: ComposerProps) {
  const { roomId, thread, label, onSent, answered, onAnswered, onEditLast, onLeave } = props;
  const { chat } = useHouse();
  const draft = useDraft(roomId, thread);
  const [text, setText] = useState(draft);
  const [known, setKnown] = useState(draft);
  if (draft !== known) {
    // Written on another device, or here a moment ago.
    setKnown(draft);
    setText(draft);
  }
  const [showsLater, setShowsLater] = useState(false);
  const [emojiAnchor, setEmojiAnchor] = useState<HTMLElement | null>(null);
  const [planned, setPlanned] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const faultId = useId();
  const fault = text === "" ? null : contentFault(text);
  const shownFault = fault === "empty" ? null : fault;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what changes the height
  useLayoutEffect(() => grow(field.current), [text]);
  useLayoutEffect(() => {
    // On a phone the focus would bring the keyboard up before anything was read.
    if (window.matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);

  const answeredId = answered?.id;
  useLayoutEffect(() => {
    if (answeredId !== undefined) field.current?.focus();
  }, [answeredId]);

  const write = (next: string) => {
    setPlanned(null);
    setText(next);
    chat.writeDraft(roomId, next, thread);
  };
  const send = () => {
    if (text === "" || fault !== null) return;
    chat.send(roomId, text, { replyTo: answered?.id, thread });
    onAnswered();
    write("");
    onSent();
    field.current?.focus();
  };
  const completion = useCompletion(roomId, text, field, write);
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (completion.takesKey(event)) return;
    const intent = intentOf(event.nativeEvent);
    if (intent === null || (intent === "edit-last" && text !== "")) return;
    event.preventDefault();
    if (intent === "send") send();
    else if (intent === "edit-last") onEditLast();
    else if (answered) onAnswered();
    else onLeave();
  };

  return (
    <form
      className={css.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {answered && (
        <div className={css.editing}>
          <span className={css.answered}>
            <b>
              Replying to <bdi>{answered.username}</bdi>
            </b>{" "}
            <span className={css.hint}>{answered.content}</span>
          </span>
          <IconButton label="Do not reply" onClick={onAnswered}>
            <CloseIcon />
          </IconButton>
        </div>
      )}
      {completion.list}
      {completion.said}
      <div className={classNames(css.box, shownFault !== null && css.wrong)}>
        <textarea
          ref={field}
          className={css.field}
          rows={1}
          value={text}
          dir="auto"
          placeholder={label}
          aria-label={label}
          {...completion.props}
          aria-invalid={shownFault !== null}
          aria-describedby={shownFault !== null ? faultId : undefined}
          enterKeyHint="send"
          onChange={(event) => {
            write(completion.follow(event.target.value));
            if (event.target.value !== "" && thread === undefined) chat.typing(roomId);
          }}
          onKeyDown={onKeyDown}
        />
        <button
          type="button"
          className={classNames(css.later, css.emoji)}
          aria-label="Emoji"
          title="Emoji"
          aria-haspopup="dialog"
          aria-expanded={emojiAnchor !== null}
          onClick={(event) => setEmojiAnchor(emojiAnchor === null ? event.currentTarget : null)}
        >
          <SmileIcon />
        </button>
        {text !== "" && fault === null && (
          <button
            type="button"
            className={css.later}
            aria-label="Send later"
            title="Send later"
            aria-haspopup="dialog"
            onClick={() => setShowsLater(true)}
          >
            <ClockIcon />
          </button>
        )}
        <button
          type="submit"
          className={css.send}
          aria-label="Send"
          title="Send"
          disabled={text === "" || fault !== null}
        >
          <SendIcon />
        </button>
      </div>
      {planned !== null && (
        <p className={css.planned} role="status">
          It will be sent {planned}. <Link href="/chat/scheduled">Messages to be sent later</Link>
        </p>
      )}
      <Suspense>
        {emojiAnchor && (
          <EmojiPopover
            anchor={emojiAnchor}
            onChoose={completion.insert}
            onClose={() => {
              setEmojiAnchor(null);
              field.current?.focus();
            }}
          />
        )}
        {showsLater && (
          <SendLaterDialog
            place={{ roomId, thread, replyTo: answered?.id }}
            content={text}
            onClose={() => setShowsLater(false)}
            onPlanned={(at) => {
              setShowsLater(false);
              onAnswered();
              write("");
              setPlanned(shortTime(at));
              field.current?.focus();
            }}
          />
        )}
      </Suspense>
      {shownFault !== null && (
        <p id={faultId} className={css.fault} role="alert">
          {errors[shownFault].detail}
        </p>
      )}
    </form>
  );
}
