import { Dialog as Base } from "@base-ui/react/dialog";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { IconButton } from "./Button.tsx";
import { classNames } from "./class-names.ts";
import css from "./Dialog.module.css";
import { CloseIcon } from "./icons.tsx";

interface DialogProps {
  title: string;
  /** A sentence under the title. */
  description?: ReactNode;
  /** A sheet comes in from the right side and stands as high as the page. */
  shape?: "box" | "sheet";
  onClose: () => void;
  children: ReactNode;
}

/** Mounted means open: whoever shows it takes it away when it asks to close. */
export function Dialog({ title, description, shape = "box", onClose, children }: DialogProps) {
  // Noted before a field of the dialog can take the focus for itself.
  const [opener] = useState(() => document.activeElement);
  const body = useRef<HTMLDivElement>(null);
  useEffect(
    () => () => {
      // What the dialog led to, as a new room's composer, may have taken the focus already.
      if (opener instanceof HTMLElement && document.activeElement === document.body) opener.focus();
    },
    [opener],
  );
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={css.veil} />
        <Base.Popup
          className={classNames(css.popup, css[shape])}
          initialFocus={() => body.current?.querySelector<HTMLElement>("input, button") ?? true}
          finalFocus={false}
        >
          <div className={css.head}>
            <Base.Title className={css.title}>{title}</Base.Title>
            <Base.Close render={<IconButton label="Close">{<CloseIcon />}</IconButton>} />
          </div>
          {description !== undefined && <Base.Description className={css.description}>{description}</Base.Description>}
          <div ref={body} className={css.body}>
            {children}
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** The row of buttons that ends a dialog. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={css.actions}>{children}</div>;
}
