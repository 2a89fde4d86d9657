import { type ComponentProps, type ReactNode, useId } from "react";
import { classNames } from "./class-names.ts";
import css from "./Field.module.css";

interface Around {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** Stands in the field's right corner, such as "Show". */
  beside?: ReactNode;
}

export function Field({ label, hint, error, beside, ...input }: Around & Omit<ComponentProps<"input">, "className">) {
  const { id, described } = useFieldIds(hint, error);
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <div className={classNames(css.box, error !== undefined && css.wrong)}>
        <input
          {...input}
          id={id}
          className={css.input}
          aria-invalid={error !== undefined}
          aria-describedby={described}
        />
        {beside}
      </div>
    </Frame>
  );
}

export function LongField({ label, hint, error, ...area }: Around & Omit<ComponentProps<"textarea">, "className">) {
  const { id, described } = useFieldIds(hint, error);
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <div className={classNames(css.box, error !== undefined && css.wrong)}>
        <textarea
          rows={3}
          {...area}
          id={id}
          className={css.input}
          aria-invalid={error !== undefined}
          aria-describedby={described}
        />
      </div>
    </Frame>
  );
}

export function SelectField({ label, children, ...select }: Around & Omit<ComponentProps<"select">, "className">) {
  const { id } = useFieldIds(undefined, undefined);
  return (
    <Frame id={id} label={label}>
      <div className={css.box}>
        <select {...select} id={id} className={css.input}>
          {children}
        </select>
      </div>
    </Frame>
  );
}

function Frame({ id, label, hint, error, children }: Around & { id: string; children: ReactNode }) {
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {label}
      </label>
      {children}
      {hint !== undefined && error === undefined && (
        <p className={css.hint} id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p className={css.error} id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

function useFieldIds(hint: ReactNode, error: string | undefined) {
  const id = useId();
  if (error !== undefined) return { id, described: `${id}-error` };
  return { id, described: hint === undefined ? undefined : `${id}-hint` };
}
