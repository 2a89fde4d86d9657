import { Link } from "wouter";
import { errors } from "#shared/errors.ts";
import { useServerInfo } from "#web/state/server-info.ts";
import { usePlainTitle } from "#web/state/title.ts";
import { Notice } from "#web/ui/Notice.tsx";
import { EntryPage } from "./EntryPage.tsx";
import { SignupForm } from "./SignupForm.tsx";

export function SignupPage({ search }: { search: string }) {
  const info = useServerInfo();
  return <NewAccount isFirst={info?.empty ?? false} isClosed={info?.signup === "closed"} search={search} />;
}

/** A server without accounts: whoever makes the first one runs the house. */
export function FirstRunPage() {
  return <NewAccount isFirst isClosed={false} search="" />;
}

/** One page for both: what was typed before the server told which it is must not be lost. */
function NewAccount({ isFirst, isClosed, search }: { isFirst: boolean; isClosed: boolean; search: string }) {
  usePlainTitle(isFirst ? "Welcome" : "Sign up");
  return (
    <EntryPage
      title={isFirst ? "Welcome to your server" : "Create an account"}
      lead={isFirst ? "It has no accounts yet. The first one, which you make now, is its admin." : undefined}
      below={
        !isFirst && (
          <>
            Have one already? <Link href={`/login${search}`}>Log in</Link>
          </>
        )
      }
    >
      {isClosed && !isFirst ? <Notice tone="quiet">{errors.signup_closed.detail}</Notice> : <SignupForm />}
    </EntryPage>
  );
}
