import { useEffect, useState } from "react";
import { Link } from "wouter";
import type { SavedList } from "#shared/contract/kept.ts";
import type { Message } from "#shared/models.ts";
import { useFace, useRoomTitle } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { useMeVersion } from "#web/state/kept.ts";
import { messagePath } from "#web/state/message-link.ts";
import { useTitle } from "#web/state/title.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { EmptyState } from "#web/ui/EmptyState.tsx";
import { Names } from "#web/ui/Names.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { Page } from "#web/ui/Page.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import css from "./kept.module.css";

/** Messages that one saved for later, saved last first. Nobody else sees which ones they are. */
export function SavedPage() {
  const { chat } = useHouse();
  const { list, fault, more } = useSaved();
  const { busy, fault: refused, run } = useDeed();
  useTitle("Saved");
  if (list?.items.length === 0) {
    return <EmptyState title="Nothing saved yet" text="Choose “Save for later” at a message, and it is here." />;
  }
  return (
    <Page title="Saved" lead="Only you see what you saved.">
      {(fault ?? refused) !== null && <Notice>{(fault ?? refused)?.detail}</Notice>}
      <ul className={css.list} aria-label="Saved messages">
        {list?.items.map(({ message_id, saved_at, message }) => (
          <li key={message_id} className={css.item}>
            {message === null || message.deleted_at !== undefined ? (
              <p className={css.gone}>
                {message === null ? "This message is not open to you any more." : "This message was deleted."} Saved{" "}
                {shortTime(saved_at)}
              </p>
            ) : (
              <Shown message={message} />
            )}
            <div className={css.buttons}>
              <Button busy={busy} onClick={() => void run(() => chat.save(message_id, false))}>
                Remove
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {more !== null && <Button onClick={more}>Show more</Button>}
    </Page>
  );
}

function Shown({ message }: { message: Message }) {
  const title = useRoomTitle(message.room_id);
  const name = useFace(message.user_id)?.display_name ?? message.username;
  return (
    <Link href={messagePath(message)} className={css.link}>
      <span className={css.head}>
        <span className={css.by}>
          <Names display={name} username={message.username} />
        </span>{" "}
        in <bdi>{title}</bdi>, {shortTime(message.timestamp)}
      </span>
      <span className={css.text} dir="auto">
        {message.content}
      </span>
    </Link>
  );
}

function useSaved() {
  const { chat } = useHouse();
  const { fault, run } = useDeed();
  const [list, setList] = useState<SavedList | null>(null);
  // Asked for anew when something was saved or taken off, on whichever device.
  const version = useMeVersion();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another number is the reason to ask
  useEffect(() => {
    let isWanted = true;
    chat.api.saved().then(
      (first) => isWanted && setList(first),
      (error: unknown) => void run(() => Promise.reject(error)),
    );
    return () => {
      isWanted = false;
    };
  }, [chat, version]);
  const next = list?.next ?? null;
  const askMore = (cursor: string) =>
    void run(async () => {
      const page = await chat.api.saved({ cursor });
      setList((before) => ({ items: [...(before?.items ?? []), ...page.items], next: page.next }));
    });
  return { list, fault, more: next === null ? null : () => askMore(next) };
}
