import type { ComponentProps, ReactNode } from "react";
import css from "./Button.module.css";
import { classNames } from "./class-names.ts";

type ButtonProps = Omit<ComponentProps<"button">, "className"> & {
  look?: "main" | "plain" | "danger";
  wide?: boolean;
  /** Something is under way: the button stays where it is, in focus, and does nothing. */
  busy?: boolean;
};

export function Button({ look = "plain", wide, busy, type = "button", onClick, children, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={busy ? "button" : type}
      aria-disabled={busy || undefined}
      onClick={busy ? undefined : onClick}
      className={classNames(css.button, css[look], wide && css.wide)}
    >
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ComponentProps<"button">, "className" | "children" | "aria-label"> & {
  label: string;
  pressed?: boolean;
  children: ReactNode;
};

export function IconButton({ label, pressed, children, type = "button", ...rest }: IconButtonProps) {
  return (
    <button {...rest} type={type} className={css.icon} aria-label={label} title={label} aria-pressed={pressed}>
      {children}
    </button>
  );
}
