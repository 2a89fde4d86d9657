import { Link } from "wouter";
import type { ServerInfo } from "#shared/contract/accounts.ts";
import { errors } from "#shared/errors.ts";
import { useServerInfo } from "#web/state/server-info.ts";
import { usePlainTitle } from "#web/state/title.ts";
import { Notice } from "#web/ui/Notice.tsx";
import { EntryPage } from "./EntryPage.tsx";
import { SignupForm } from "./SignupForm.tsx";

export function SignupPage({ search }: { search: string }) {
  const info = useServerInfo();
  return <NewAccount isFirst={info?.empty ?? false} closed={closedBecause(info?.signup)} search={search} />;
}

/** A server without accounts: whoever makes the first one runs the house. */
export function FirstRunPage() {
  return <NewAccount isFirst closed={null} search="" />;
}

/** One page for both: what was typed before the server told which it is must not be lost. */
function NewAccount({ isFirst, closed, search }: { isFirst: boolean; closed: string | null; search: string }) {
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
      {closed !== null && !isFirst ? <Notice tone="quiet">{closed}</Notice> : <SignupForm />}
    </EntryPage>
  );
}

function closedBecause(signup: ServerInfo["signup"] | undefined): string | null {
  if (signup === "closed") return errors.signup_closed.detail;
  return signup === "invite" ? "On this server an account is made by invite. Ask one of its admins for a link." : null;
}
