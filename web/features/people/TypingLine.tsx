import css from "./TypingLine.module.css";
import { typingText } from "./typing-text.ts";

/** Always as high as it is when somebody types, so that nothing moves. */
export function TypingLine({ names }: { names: readonly string[] }) {
  return (
    <div className={css.line} aria-live="polite">
      {names.length > 0 && (
        <>
          <span className={css.dots} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span className={css.text}>{typingText(names)}</span>
        </>
      )}
    </div>
  );
}
