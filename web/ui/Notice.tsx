import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";
import css from "./Notice.module.css";

/** A sentence that must not be missed: what went wrong with a form, or what has just been done. */
export function Notice({ tone = "wrong", children }: { tone?: "wrong" | "done" | "quiet"; children: ReactNode }) {
  return (
    <p className={classNames(css.notice, css[tone])} role={tone === "wrong" ? "alert" : "status"}>
      {children}
    </p>
  );
}
