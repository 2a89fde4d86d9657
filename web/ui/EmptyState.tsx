import type { ReactNode } from "react";
import css from "./EmptyState.module.css";
import { Mark } from "./icons.tsx";

/** What a page says that has nothing to show, and where to go from there. */
export function EmptyState({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className={css.empty}>
      <Mark size={44} />
      <h1 className={css.title}>{title}</h1>
      <p className={css.text}>{text}</p>
      <div className={css.next}>{children}</div>
    </div>
  );
}
