import type { ReactNode } from "react";
import { Link } from "wouter";
import { BackIcon } from "./icons.tsx";
import css from "./Page.module.css";

/** A page beside the list of rooms that is not a room. */
export function Page({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <div className={css.scroller}>
      <div className={css.page}>
        <Link href="/chat" className={css.back} aria-label="Back to the rooms">
          <BackIcon />
        </Link>
        <h1 className={css.title}>{title}</h1>
        {lead !== undefined && <p className={css.lead}>{lead}</p>}
        <div className={css.body}>{children}</div>
      </div>
    </div>
  );
}
