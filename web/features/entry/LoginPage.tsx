import { useState } from "react";
import { Link, Redirect } from "wouter";
import { useServerInfo } from "#web/state/server-info.ts";
import { useSession, useSessionState } from "#web/state/session.ts";
import { usePlainTitle } from "#web/state/title.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Field } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./EntryPage.module.css";
import { EntryPage } from "./EntryPage.tsx";
import { PasswordField } from "./PasswordField.tsx";

/** `search` carries where the person wanted to go, and goes along to the sign-up. */
export function LoginPage({ search }: { search: string }) {
  const session = useSession();
  const state = useSessionState();
  const info = useServerInfo();
  const { busy, fault, run } = useDeed();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  usePlainTitle("Log in");
  if (info?.empty) return <Redirect to="/" replace />;
  return (
    <EntryPage
      title="Log in"
      below={
        info?.signup !== "closed" && (
          <>
            New here? <Link href={`/signup${search}`}>Create an account</Link>
          </>
        )
      }
    >
      <form
        className={css.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void run(() => session.logIn(username, password));
        }}
      >
        {state.status === "out" && state.why === "ended" && fault === null && (
          <Notice tone="quiet">Your session has ended. Log in again to go on.</Notice>
        )}
        {fault && <Notice>{fault.detail}</Notice>}
        <Field
          label="User name"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
        <PasswordField value={password} autoComplete="current-password" onChange={setPassword} />
        <div className={css.submit}>
          <Button type="submit" look="main" wide busy={busy}>
            Log in
          </Button>
        </div>
      </form>
    </EntryPage>
  );
}
