import type { CSSProperties } from "react";
import css from "./Avatar.module.css";
import { hueOf, initialsOf } from "./initials.ts";

interface AvatarProps {
  id: number;
  name: string;
  size?: number;
  /** The colour that the person chose; null: the one that follows from the id. */
  hue?: number | null;
}

/** Decoration beside a name that is always there as text, so it is silent for a screen reader. */
export function Avatar({ id, name, size = 36, hue = null }: AvatarProps) {
  const style = { "--hue": hue ?? hueOf(id), "--size": `${size}px` } as CSSProperties; // custom properties have no type in React
  return (
    <span className={css.avatar} style={style} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}
