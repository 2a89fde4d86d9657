import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import type { InviteLook } from "#shared/contract/invites.ts";
import { Refusal } from "#shared/errors.ts";
import { loginAddress } from "#web/next-address.ts";
import { invitedBy, lookAtInvite, placeIn, placeOfNew, takeInvite } from "#web/state/invite.ts";
import { useSession, useSessionState } from "#web/state/session.ts";
import { usePlainTitle } from "#web/state/title.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { EntryPage } from "./EntryPage.tsx";
import { SignupForm } from "./SignupForm.tsx";

/** Where an invite's link leads: into its rooms, with the account that one has or with a new one. */
export function InvitePage() {
  const [token] = useState(() => invitedBy(location.hash));
  const [look, setLook] = useState<InviteLook | string | null>(null);
  const [isMaking, setIsMaking] = useState(false);
  const session = useSession();
  const state = useSessionState();
  const [, go] = useLocation();
  usePlainTitle("Invite");
  useEffect(() => {
    lookAtInvite(token).then(setLook, (error: unknown) =>
      setLook(error instanceof Refusal ? error.message : "The server cannot be reached. Load this page again."),
    );
  }, [token]);
  if (look === null) return null;
  if (typeof look === "string") {
    return (
      <EntryPage title="Invite" below={<Link href="/chat">To the chat</Link>}>
        <Notice>{look}</Notice>
      </EntryPage>
    );
  }
  const begin = async () => {
    // The account is made: whatever fails here, it is inside.
    const place = await session
      .accessToken()
      .then(placeOfNew)
      .catch(() => "/chat");
    go(place, { replace: true });
  };
  const isInside = state.status === "in" && !isMaking;
  const asGuest =
    look.guest && look.opens_account && !isInside ? " A new account is a guest's: it knows of no other room." : "";
  const title = `${look.by} invites you`;
  const lead = look.rooms.length === 0 ? "To this server." : `To ${look.rooms.join(", ")}.${asGuest}`;
  // While the account is being made one is logged in already, and only then in the rooms.
  if (isInside) {
    return (
      <EntryPage title={title} lead={lead} below={<Link href="/chat">Not now</Link>}>
        <ComeIn token={token} name={state.user.username} />
      </EntryPage>
    );
  }
  return (
    <EntryPage
      title={title}
      lead={lead}
      below={
        <>
          Have an account already? <Link href={loginAddress("/chat/invite")}>Log in</Link>
        </>
      }
    >
      {look.opens_account ? (
        <SignupForm
          invite={token}
          onBegin={() => setIsMaking(true)}
          onDone={() => void begin()}
          onFail={() => setIsMaking(false)}
        />
      ) : (
        <Notice tone="quiet">This invite is for people who have an account here.</Notice>
      )}
    </EntryPage>
  );
}

function ComeIn({ token, name }: { token: string; name: string }) {
  const session = useSession();
  const [, go] = useLocation();
  const { busy, fault, run } = useDeed();
  const comeIn = () =>
    run(async () => {
      const { room_ids } = await takeInvite(token, await session.accessToken());
      go(placeIn(room_ids[0]), { replace: true });
    });
  return (
    <>
      {fault && <Notice>{fault.detail}</Notice>}
      <Button look="main" wide busy={busy} onClick={() => void comeIn()}>
        Come in as {name}
      </Button>
    </>
  );
}
