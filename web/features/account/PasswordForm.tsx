import { useState } from "react";
import { limits } from "#shared/limits.ts";
import { useHouse } from "#web/state/house.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Field } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./AccountPage.module.css";

const FIELDS = ["current_password", "new_password"];

export function PasswordForm() {
  const { chat, user } = useHouse();
  const { busy, fault, run } = useDeed();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [isDone, setIsDone] = useState(false);
  const general = faultBeside(fault, FIELDS);

  const change = async () => {
    setIsDone(false);
    const done = await run(() => chat.api.changePassword({ current_password: current, new_password: next }));
    if (!done) return;
    setIsDone(true);
    setCurrent("");
    setNext("");
  };
  return (
    <form
      className={css.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void change();
      }}
    >
      {isDone && <Notice tone="done">Your password has been changed.</Notice>}
      {general !== undefined && <Notice>{general}</Notice>}
      <input type="text" name="username" autoComplete="username" value={user.username} readOnly hidden />
      <Field
        label="Current password"
        type="password"
        autoComplete="current-password"
        value={current}
        required
        error={faultFor(fault, "current_password")}
        onChange={(event) => setCurrent(event.target.value)}
      />
      <Field
        label="New password"
        type="password"
        autoComplete="new-password"
        value={next}
        required
        hint={`At least ${limits.passwordLeast} characters.`}
        error={faultFor(fault, "new_password")}
        onChange={(event) => setNext(event.target.value)}
      />
      <div>
        <Button type="submit" busy={busy}>
          Change password
        </Button>
      </div>
    </form>
  );
}
