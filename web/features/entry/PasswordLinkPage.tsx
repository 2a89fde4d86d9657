import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { lookAtLink, setPasswordByLink } from "#web/state/password-link.ts";
import { useSession } from "#web/state/session.ts";
import { usePlainTitle } from "#web/state/title.ts";
import { faultBeside, faultFor, useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./EntryPage.module.css";
import { EntryPage } from "./EntryPage.tsx";
import { PasswordField } from "./PasswordField.tsx";

const FIELDS = ["new_password"];

/** Whose password the link sets, once the server has said so; a string: why it sets nobody's. */
type Linked = { username: string } | string | null;

/** What stands behind the # is the link's proof; it reaches no server's log. */
export function PasswordLinkPage() {
  const [token] = useState(() => location.hash.slice(1));
  const [linked, setLinked] = useState<Linked>(null);
  usePlainTitle("Set a password");
  useEffect(() => {
    lookAtLink(token).then(setLinked, (error: unknown) =>
      setLinked(error instanceof Refusal ? error.message : "The server cannot be reached. Load this page again."),
    );
  }, [token]);
  if (linked === null) return null;
  if (typeof linked !== "string") return <SetPassword token={token} username={linked.username} />;
  return (
    <EntryPage title="Set a password" below={<Link href="/login">To the login</Link>}>
      <Notice>{linked}</Notice>
    </EntryPage>
  );
}

function SetPassword({ token, username }: { token: string; username: string }) {
  const session = useSession();
  const [, go] = useLocation();
  const { busy, fault, run } = useDeed();
  const [password, setPassword] = useState("");
  const general = faultBeside(fault, FIELDS);
  const isSet = useRef(false);
  const set = async () => {
    const done = await run(async () => {
      // The link is good once: when only the login failed, only the login is tried again.
      if (!isSet.current) await setPasswordByLink(token, password);
      isSet.current = true;
      await session.logIn(username, password);
    });
    if (done) go("/chat", { replace: true });
  };
  return (
    <EntryPage
      title={`Hello, ${username}`}
      lead="Choose your password. You are logged in with it here, and logged out everywhere else."
    >
      <form
        className={css.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void set();
        }}
      >
        {general !== undefined && <Notice>{general}</Notice>}
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
        <PasswordField
          value={password}
          autoComplete="new-password"
          autoFocus
          hint={`At least ${limits.passwordLeast} characters.`}
          error={faultFor(fault, "new_password")}
          onChange={setPassword}
        />
        <div className={css.submit}>
          <Button type="submit" look="main" wide busy={busy}>
            Set password
          </Button>
        </div>
      </form>
    </EntryPage>
  );
}
