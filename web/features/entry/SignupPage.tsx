import { Link } from "wouter";
import { errors } from "#shared/errors.ts";
import { useServerInfo } from "#web/state/server-info.ts";
import { usePlainTitle } from "#web/state/title.ts";
import { Notice } from "#web/ui/Notice.tsx";
import { EntryPage } from "./EntryPage.tsx";
import { SignupForm } from "./SignupForm.tsx";

export function SignupPage({ search }: { search: string }) {
  const info = useServerInfo();
  usePlainTitle("Sign up");
  if (info?.empty) return <FirstRunPage />;
  return (
    <EntryPage
      title="Create an account"
      below={
        <>
          Have one already? <Link href={`/login${search}`}>Log in</Link>
        </>
      }
    >
      {info?.signup === "closed" ? <Notice tone="quiet">{errors.signup_closed.detail}</Notice> : <SignupForm />}
    </EntryPage>
  );
}

/** A server without accounts: whoever makes the first one runs the house. */
export function FirstRunPage() {
  usePlainTitle("Welcome");
  return (
    <EntryPage
      title="Welcome to your server"
      lead="It has no accounts yet. The first one, which you make now, is its admin."
    >
      <SignupForm />
    </EntryPage>
  );
}
