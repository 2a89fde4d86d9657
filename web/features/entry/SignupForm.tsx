import { useRef, useState } from "react";
import { limits } from "#shared/limits.ts";
import { useSession } from "#web/state/session.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Field } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { type SignupFaults, signupFaults } from "./check-signup.ts";
import css from "./EntryPage.module.css";
import { PasswordField } from "./PasswordField.tsx";

const FIELDS = ["username", "email", "password"];

interface SignupFormProps {
  /** The token of the invite that the account is made by. */
  invite?: string;
  onBegin?: () => void;
  onDone?: () => void;
  onFail?: () => void;
}

export function SignupForm({ invite, onBegin, onDone, onFail }: SignupFormProps) {
  const session = useSession();
  const { busy, fault, run } = useDeed();
  const [username, setUsername] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [own, setOwn] = useState<SignupFaults>({});
  const form = useRef<HTMLFormElement>(null);
  const general = faultBeside(fault, FIELDS);

  const focusOn = (field: string) => form.current?.querySelector<HTMLElement>(`[name=${field}]`)?.focus();
  const signUp = () => {
    const found = signupFaults({ username, password });
    setOwn(found);
    if (Object.keys(found).length > 0) return focusOn(found.username === undefined ? "password" : "username");
    const account = {
      username,
      password,
      ...(email.trim() === "" ? {} : { email: email.trim() }),
      ...(invite === undefined ? {} : { invite }),
    };
    onBegin?.();
    void run(() => session.signUp(account)).then((done) => (done ? onDone?.() : onFail?.()));
  };
  return (
    <form
      ref={form}
      className={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        signUp();
      }}
    >
      {general !== undefined && <Notice>{general}</Notice>}
      <Field
        label="User name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        autoFocus
        maxLength={limits.usernameLength * 2}
        value={username}
        error={own.username ?? faultFor(fault, "username")}
        onChange={(event) => setUsername(event.target.value)}
      />
      <Field
        label="E-mail (optional)"
        name="email"
        type="email"
        autoComplete="email"
        maxLength={limits.emailLength}
        value={email}
        error={faultFor(fault, "email")}
        onChange={(event) => setEmail(event.target.value)}
      />
      <PasswordField
        value={password}
        autoComplete="new-password"
        hint={`At least ${limits.passwordLeast} characters.`}
        error={own.password ?? faultFor(fault, "password")}
        onChange={setPassword}
      />
      <div className={css.submit}>
        <Button type="submit" look="main" wide busy={busy}>
          Create account
        </Button>
      </div>
    </form>
  );
}
