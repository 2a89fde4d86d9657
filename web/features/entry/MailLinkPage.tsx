import { useState } from "react";
import { Link } from "wouter";
import { followMailLink, type MailLink, mailLinkIn } from "#web/state/mail-link.ts";
import { usePlainTitle } from "#web/state/title.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./EntryPage.module.css";
import { EntryPage } from "./EntryPage.tsx";

const WORDS = {
  confirm: {
    title: "Is this your address?",
    lead: "Then Parlour may write to it, and you may log in with it.",
    press: "It is mine",
    done: "Your address is confirmed. Whether you want letters you say on your account page.",
  },
  stop: {
    title: "No more letters",
    lead: "Parlour then writes to you no more about what you did not read.",
    press: "Send me none",
    done: "No more letters are sent to you.",
  },
} as const;

/** Where links in letters lead. A press is asked for: programs that look through mail open links by themselves. */
export function MailLinkPage() {
  const [link] = useState(() => mailLinkIn(location.hash));
  usePlainTitle(link === null ? "A link" : WORDS[link.does].title);
  if (link !== null) return <Follow link={link} />;
  return (
    <EntryPage title="This link is not whole" below={<Link href="/chat/account">To your account</Link>}>
      <Notice>Copy all of it from the letter, or ask for another letter on your account page.</Notice>
    </EntryPage>
  );
}

function Follow({ link }: { link: MailLink }) {
  const { busy, fault, run } = useDeed();
  const [isDone, setIsDone] = useState(false);
  const { title, lead, press, done } = WORDS[link.does];
  return (
    <EntryPage title={title} lead={lead} below={<Link href="/chat/account">To your account</Link>}>
      {fault && <Notice>{fault.detail}</Notice>}
      {isDone ? (
        <Notice tone="done">{done}</Notice>
      ) : (
        <div className={css.submit}>
          <Button
            look="main"
            wide
            busy={busy}
            onClick={() =>
              void run(async () => {
                await followMailLink(link);
                setIsDone(true);
              })
            }
          >
            {press}
          </Button>
        </div>
      )}
    </EntryPage>
  );
}
