import { Link } from "wouter";
import type { Message } from "#shared/models.ts";
import { useFace, useRoomTitle } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { useSavedVersion } from "#web/state/kept.ts";
import { messagePath } from "#web/state/message-link.ts";
import { useTitle } from "#web/state/title.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { usePages } from "#web/state/use-pages.ts";
import { Button } from "#web/ui/Button.tsx";
import { EmptyState } from "#web/ui/EmptyState.tsx";
import { ListEnd } from "#web/ui/ListEnd.tsx";
import { Names } from "#web/ui/Names.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { Page } from "#web/ui/Page.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import css from "./kept.module.css";

/** Messages that one saved for later, saved last first. Nobody else sees which ones they are. */
export function SavedPage() {
  const { chat } = useHouse();
  // Asked for anew when something was saved or taken off, on whichever device.
  const pages = usePages("", (cursor) => chat.api.saved({ cursor }), useSavedVersion());
  const { busy, fault, run } = useDeed();
  useTitle("Saved");
  if (pages.items?.length === 0) {
    return <EmptyState title="Nothing saved yet" text="Choose “Save for later” at a message, and it is here." />;
  }
  return (
    <Page title="Saved" lead="Only you see what you saved.">
      {fault && <Notice>{fault.detail}</Notice>}
      <ul className={css.list} aria-label="Saved messages">
        {pages.items?.map(({ message_id, saved_at, message }) => (
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
      <ListEnd pages={pages} none="" />
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
