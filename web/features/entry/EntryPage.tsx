import type { ReactNode } from "react";
import { Mark } from "#web/ui/icons.tsx";
import css from "./EntryPage.module.css";

/** The frame of the pages before the login. */
export function EntryPage({
  title,
  lead,
  children,
  below,
}: {
  title: string;
  lead?: string | undefined;
  children: ReactNode;
  below?: ReactNode;
}) {
  return (
    <main className={css.page}>
      <div className={css.card}>
        <div className={css.house}>
          <Mark size={34} />
          <span>Parlour</span>
        </div>
        <h1 className={css.title}>{title}</h1>
        {lead !== undefined && <p className={css.lead}>{lead}</p>}
        <div className={css.body}>{children}</div>
        {below && <p className={css.below}>{below}</p>}
      </div>
    </main>
  );
}
