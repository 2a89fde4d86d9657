import { useState } from "react";
import { useLocation } from "wouter";
import type { RoomRow } from "#client/chat.ts";
import { errors } from "#shared/errors.ts";
import type { Message } from "#shared/models.ts";
import { may } from "#shared/permissions.ts";
import { useRooms } from "#web/state/chat.ts";
import { useHouse } from "#web/state/house.ts";
import { messageLink } from "#web/state/message-link.ts";
import { Dialog } from "#web/ui/Dialog.tsx";
import { Field } from "#web/ui/Field.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./ForwardDialog.module.css";
import { forwardText } from "./forward-text.ts";

const SHOWN = 30;

/** Tells a message in another room of one's own, as a quote with a link to its place. */
export function ForwardDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { chat, user } = useHouse();
  const [, go] = useLocation();
  const [comment, setComment] = useState("");
  const [part, setPart] = useState("");
  const isOpen = ({ room, role }: RoomRow) =>
    may("send", { role: user.role, place: role, kind: room.kind, posting: room.posting, archived: room.archived });
  const found = useRooms()
    .filter((row) => isOpen(row) && row.title.toLowerCase().includes(part.trim().toLowerCase()))
    .slice(0, SHOWN);
  const text = forwardText({ comment, author: message.username, content: message.content, link: messageLink(message) });
  const send = (roomId: number) => {
    if (text === null) return;
    chat.send(roomId, text);
    onClose();
    go(`/chat/${roomId}`);
  };
  return (
    <Dialog
      title="Forward this message"
      description="Its words are quoted with a link. Only those who may read it in its place can follow the link."
      onClose={onClose}
    >
      <p className={css.words} dir="auto">
        {message.content}
      </p>
      <div className={css.fields}>
        <Field label="What you say to it" value={comment} onChange={(event) => setComment(event.target.value)} />
        <Field
          label="Find a room or talk"
          type="search"
          autoComplete="off"
          value={part}
          onChange={(event) => setPart(event.target.value)}
        />
      </div>
      {text === null && <Notice>{errors.too_long.detail}</Notice>}
      <ul className={css.rooms} aria-label="Where to">
        {found.map(({ room, title }) => (
          <li key={room.id}>
            <button type="button" className={css.room} disabled={text === null} onClick={() => send(room.id)}>
              <bdi>{title}</bdi>
            </button>
          </li>
        ))}
        {found.length === 0 && (
          <li className={css.none}>No room or talk of yours where you may write has that in its name.</li>
        )}
      </ul>
    </Dialog>
  );
}
