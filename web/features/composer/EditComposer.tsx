import { useId, useLayoutEffect, useRef, useState } from "react";
import { errors } from "#shared/errors.ts";
import { contentFault } from "#shared/text.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { IconButton } from "#web/ui/Button.tsx";
import { classNames } from "#web/ui/class-names.ts";
import { CheckIcon, CloseIcon } from "#web/ui/icons.tsx";
import css from "./Composer.module.css";
import { grow } from "./grow.ts";
import { intentOf } from "./keys.ts";
import { useCompletion } from "./use-completion.tsx";

interface EditComposerProps {
  roomId: number;
  content: string;
  /** What was written before another talk was shown. */
  written?: string | undefined;
  onWrite: (text: string) => void;
  save: (content: string) => Promise<void>;
  onDone: () => void;
}

/** In the composer's place while one edits what one said; the draft waits behind it. */
export function EditComposer({ roomId, content, written = content, onWrite, save, onDone }: EditComposerProps) {
  const [text, setText] = useState(written);
  const [length] = useState(written.length);
  const write = (next: string) => {
    setText(next);
    onWrite(next);
  };
  const { busy, fault, run } = useDeed();
  const field = useRef<HTMLTextAreaElement>(null);
  const faultId = useId();
  const wrong = contentFault(text);
  const detail = fault?.detail ?? (wrong && text !== "" ? errors[wrong].detail : null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what changes the height
  useLayoutEffect(() => grow(field.current), [text]);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(length, length);
  }, [length]);

  const completion = useCompletion(roomId, text, field, write);
  const submit = async () => {
    if (wrong !== null) return;
    if (text === content || (await run(() => save(text)))) onDone();
  };
  return (
    <form
      className={css.composer}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className={css.editing}>
        <span>
          <b>Editing your message</b>
          <span className={classNames(css.hint, css.keys)}> · Escape gives up</span>
        </span>
        <IconButton label="Give up the edit" onClick={onDone}>
          <CloseIcon />
        </IconButton>
      </div>
      {completion.list}
      {completion.said}
      <div className={classNames(css.box, detail !== null && css.wrong)}>
        <textarea
          ref={field}
          className={css.field}
          rows={1}
          value={text}
          dir="auto"
          aria-label="Edit your message"
          {...completion.props}
          aria-invalid={detail !== null}
          aria-describedby={detail !== null ? faultId : undefined}
          enterKeyHint="done"
          onChange={(event) => {
            write(completion.follow(event.target.value));
          }}
          onKeyDown={(event) => {
            if (completion.takesKey(event)) return;
            const intent = intentOf(event.nativeEvent);
            if (intent !== "send" && intent !== "leave") return;
            event.preventDefault();
            if (intent === "send") void submit();
            else onDone();
          }}
        />
        <button type="submit" className={css.send} aria-label="Save" title="Save" disabled={wrong !== null || busy}>
          <CheckIcon />
        </button>
      </div>
      {detail !== null && (
        <p id={faultId} className={css.fault} role="alert">
          {detail}
        </p>
      )}
    </form>
  );
}
