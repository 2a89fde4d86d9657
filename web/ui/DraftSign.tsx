import css from "./DraftSign.module.css";
import { PencilIcon } from "./icons.tsx";

/** Something is written there and not sent. */
export function DraftSign() {
  return (
    <span className={css.draft} title="You have a draft here">
      <PencilIcon />
      <span className="out-of-sight">draft</span>
    </span>
  );
}
