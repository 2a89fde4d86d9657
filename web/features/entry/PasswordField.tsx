import { useState } from "react";
import { Field } from "#web/ui/Field.tsx";
import css from "./EntryPage.module.css";

interface PasswordFieldProps {
  value: string;
  autoComplete: "current-password" | "new-password";
  autoFocus?: boolean;
  hint?: string;
  error?: string | undefined;
  onChange: (value: string) => void;
}

export function PasswordField({ onChange, ...rest }: PasswordFieldProps) {
  const [isShown, setIsShown] = useState(false);
  return (
    <Field
      {...rest}
      label="Password"
      name="password"
      type={isShown ? "text" : "password"}
      required
      onChange={(event) => onChange(event.target.value)}
      beside={
        <button
          type="button"
          className={css.show}
          aria-pressed={isShown}
          aria-label="Show what is typed"
          onClick={() => setIsShown(!isShown)}
        >
          {isShown ? "Hide" : "Show"}
        </button>
      }
    />
  );
}
