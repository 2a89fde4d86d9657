import { useState } from "react";
import { Link } from "wouter";
import { type ErrorCode, errors } from "#shared/errors.ts";
import type { Scheduled } from "#shared/models.ts";
import { useRoomTitle } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { useScheduled } from "#web/state/kept.ts";
import { useTitle } from "#web/state/title.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { EmptyState } from "#web/ui/EmptyState.tsx";
import { LongField } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import { Page } from "#web/ui/Page.tsx";
import { shortTime } from "#web/ui/show-time.ts";
import { localTime, WhenField } from "#web/ui/WhenField.tsx";
import css from "./kept.module.css";

/** One's messages that are to be sent later, and those that could not be sent. */
export function ScheduledPage() {
  const items = useScheduled();
  const [changed, setChanged] = useState<Scheduled | null>(null);
  useTitle("To be sent later");
  if (items.length === 0) {
    return (
      <EmptyState
        title="Nothing waits to be sent"
        text="Write a message and choose the clock beside the send button: it waits here until its time."
      />
    );
  }
  return (
    <Page title="To be sent later" lead="The one that is due first stands first.">
      <ul className={css.list} aria-label="Messages to be sent later">
        {items.map((item) => (
          <Waiting key={item.id} item={item} onChange={() => setChanged(item)} />
        ))}
      </ul>
      {changed && <ChangeDialog item={changed} onClose={() => setChanged(null)} />}
    </Page>
  );
}

function Waiting({ item, onChange }: { item: Scheduled; onChange: () => void }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const title = useRoomTitle(item.room_id);
  const sendNow = () =>
    run(async () => void (await chat.api.changeScheduled(item.id, { at: new Date().toISOString() })));
  return (
    <li className={css.item}>
      <p className={css.head}>
        {shortTime(item.at)} in {item.thread !== undefined && "a thread of "}
        {title === "" ? "a room that you are not in" : <Link href={placeOf(item)}>{title}</Link>}
        {item.reply_to !== undefined && ", as an answer"}
      </p>
      {item.state === "failed" && <Notice>It was not sent. {reasonOf(item.fault)}</Notice>}
      {fault && <Notice>{fault.detail}</Notice>}
      <p className={css.text} dir="auto">
        {item.content}
      </p>
      <div className={css.buttons}>
        <Button onClick={onChange}>Change</Button>
        <Button busy={busy} onClick={() => void sendNow()}>
          Send now
        </Button>
        <Button busy={busy} onClick={() => void run(() => chat.api.cancelScheduled(item.id))}>
          Cancel it
        </Button>
      </div>
    </li>
  );
}

function placeOf({ room_id, thread }: Scheduled): string {
  return thread === undefined ? `/chat/${room_id}` : `/chat/${room_id}/thread/${thread}`;
}

function reasonOf(fault: string | null): string {
  return fault !== null && fault in errors ? errors[fault as ErrorCode].detail : "";
}

function ChangeDialog({ item, onClose }: { item: Scheduled; onClose: () => void }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [content, setContent] = useState(item.content);
  const [at, setAt] = useState(() => localTime(Date.parse(item.at)));
  const save = async () => {
    const body = { content, at: new Date(at).toISOString() };
    if (await run(async () => void (await chat.api.changeScheduled(item.id, body)))) onClose();
  };
  return (
    <Dialog title="Change the message" onClose={onClose}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (at !== "") void save();
        }}
      >
        {fault && <Notice>{fault.detail}</Notice>}
        <LongField label="Message" value={content} onChange={(event) => setContent(event.target.value)} />
        <WhenField value={at} onChange={setAt} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="main" busy={busy}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
