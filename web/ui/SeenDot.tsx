import type { Seen } from "#shared/contract/people.ts";
import { classNames } from "./class-names.ts";
import css from "./SeenDot.module.css";

/** In the corner of what it stands in. Who draws it says the same in words beside it. */
export function SeenDot({ seen }: { seen: Seen | null }) {
  if (seen === null) return null;
  return <span className={classNames(css.dot, seen === "away" && css.away)} title={seen} aria-hidden="true" />;
}
