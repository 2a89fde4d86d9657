import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";
import css from "./Mark.module.css";

/** A word about what stands beside it: what somebody is, or whether something holds. */
export function Mark({ tone = "plain", children }: { tone?: "plain" | "warning"; children: ReactNode }) {
  return <span className={classNames(css.mark, tone === "warning" && css.warning)}>{children}</span>;
}
