import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from "react";
import type { Message } from "#shared/models.ts";
import { may, mayDelete, type Standing } from "#shared/permissions.ts";
import type { MessageActs } from "#web/features/timeline/message-acts.ts";
import { useHouse } from "#web/state/house.ts";
import { messageLink } from "#web/state/message-link.ts";
import { useServerInfo } from "#web/state/server-info.ts";
import type { MenuItem } from "#web/ui/Menu.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./RoomPage.module.css";

const MessagePopover = lazy(() =>
  import("#web/features/messages/MessagePopover.tsx").then((module) => ({ default: module.MessagePopover })),
);
const DeleteMessageDialog = lazy(() =>
  import("#web/features/messages/DeleteMessageDialog.tsx").then((module) => ({ default: module.DeleteMessageDialog })),
);
const EraseMessageDialog = lazy(() =>
  import("#web/features/messages/DeleteMessageDialog.tsx").then((module) => ({ default: module.EraseMessageDialog })),
);
const WhyDialog = lazy(() =>
  import("#web/features/messages/WhyDialog.tsx").then((module) => ({ default: module.WhyDialog })),
);
const FormerTextsDialog = lazy(() =>
  import("#web/features/messages/FormerTextsDialog.tsx").then((module) => ({ default: module.FormerTextsDialog })),
);

const ForwardDialog = lazy(() =>
  import("#web/features/messages/ForwardDialog.tsx").then((module) => ({ default: module.ForwardDialog })),
);

type Shown =
  | { is: "menu" | "emojis"; message: Message; anchor: HTMLElement }
  | { is: "delete" | "erase" | "texts" | "why" | "forward"; message: Message };

interface Leads {
  onEdit: (message: Message) => void;
  onReply: (message: Message) => void;
  /** Null: what is shown is a thread. */
  onThread: ((message: Message) => void) | null;
  goTo: (id: number) => void;
}

/** Copying is refused on pages without TLS and by some settings: then the address is shown to be copied by hand. */
async function copyLink(message: Message): Promise<void> {
  const link = messageLink(message);
  await navigator.clipboard.writeText(link).catch(() => {
    throw new Error(`The browser does not let this page copy. The link is ${link}`);
  });
}

/** What this person may do to the messages of a room, and what is open over them. */
export function useMessageActs(
  standing: Standing | null,
  { onEdit, onReply, onThread, goTo }: Leads,
): { acts: MessageActs; layer: ReactNode } {
  const { chat, user } = useHouse();
  const info = useServerInfo();
  const hasTexts = info === null || info.former_texts === "shown";
  const [shown, setShown] = useState<Shown | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const close = useCallback(() => setShown(null), []);
  const mayReact = standing !== null && may("react", standing);
  const attempt = useCallback((deed: Promise<unknown>) => {
    setFault(null);
    deed.catch((error: Error) => setFault(error.message));
  }, []);
  const mayMark = standing !== null && may("mark-read", standing);
  // One's own are never unread: where nothing by others follows there is nothing to mark.
  const hasUnreadFrom = useCallback(
    ({ room_id, seq, thread }: Message) => {
      const log = chat.replica.logs.get(room_id);
      const { messages = [], past } = (thread === undefined ? log : log?.threads.get(thread)) ?? {};
      const isNews = (other: Message) =>
        other.seq >= seq && other.user_id !== user.id && other.deleted_at === undefined;
      return messages.some(isNews) || past?.messages.some(isNews) === true;
    },
    [chat, user.id],
  );
  // Beside a thread its root is not of it, and nothing is unread in one that one does not follow.
  const isInThread = onThread === null;
  const mayMarkFrom = useCallback(
    (message: Message) =>
      mayMark &&
      (message.thread !== undefined) === isInThread &&
      (message.thread === undefined || chat.replica.threads.has(message.thread)) &&
      hasUnreadFrom(message),
    [chat, mayMark, isInThread, hasUnreadFrom],
  );
  const markUnread = useCallback(
    (message: Message) => {
      if (mayMarkFrom(message)) attempt(chat.markUnread(message));
    },
    [chat, attempt, mayMarkFrom],
  );
  const mayReplyInThread = standing !== null && may("reply", standing);
  const mayReply = onThread === null ? mayReplyInThread : standing !== null && may("send", standing);
  const key = JSON.stringify(standing);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a standing is another when what it says is another
  const itemsOf = useCallback(
    (message: Message): MenuItem[] => {
      if (!standing) return [];
      const isOwn = message.user_id === user.id;
      const show = (is: "delete" | "erase" | "texts" | "why" | "forward") => () => setShown({ is, message });
      const erase =
        may("erase", standing) && !message.erased
          ? [{ label: "Erase with a receipt", danger: true, run: show("erase") }]
          : [];
      if (message.deleted_at !== undefined) return erase;
      return [
        ...(mayReply ? [{ label: "Reply", run: () => onReply(message) }] : []),
        ...(onThread && mayReplyInThread ? [{ label: "Reply in thread", run: () => onThread(message) }] : []),
        ...(isOwn && may(message.thread === undefined ? "edit-own" : "reply", standing)
          ? [{ label: "Edit message", run: () => onEdit(message) }]
          : []),
        ...(may("pin", standing)
          ? [
              {
                label: message.pinned ? "Unpin message" : "Pin to the room",
                run: () => attempt(chat.api.pin(message.id, message.pinned === undefined)),
              },
            ]
          : []),
        ...(mayMarkFrom(message) ? [{ label: "Mark unread from here", run: () => markUnread(message) }] : []),
        chat.replica.saved.get(message.id)?.saved_at
          ? { label: "Remove from saved", run: () => attempt(chat.save(message.id, false)) }
          : { label: "Save for later", run: () => attempt(chat.save(message.id, true)) },
        { label: "Forward", run: show("forward") },
        { label: "Copy link", run: () => attempt(copyLink(message)) },
        ...(isOwn ? [] : [{ label: "Why was I told, or not?", run: show("why") }]),
        ...(message.edited_at === undefined ? [] : [{ label: "Show what it said before", run: show("texts") }]),
        ...(mayDelete(standing, isOwn) ? [{ label: "Delete message", danger: true, run: show("delete") }] : []),
        ...erase,
      ];
    },
    [key, user.id, onEdit, onReply, onThread, chat, attempt, markUnread, mayMarkFrom],
  );
  const react = useCallback(
    (message: Message, emoji: string, on: boolean) => attempt(chat.api.react(message.id, emoji, on)),
    [chat, attempt],
  );
  const acts = useMemo<MessageActs>(
    () => ({
      meId: user.id,
      mayReact,
      hasMenu: (message) => (mayReact && message.deleted_at === undefined) || itemsOf(message).length > 0,
      openMenu: (message, anchor) => setShown({ is: "menu", message, anchor }),
      openEmojis: (message, anchor) => setShown({ is: "emojis", message, anchor }),
      react,
      reply: mayReply ? onReply : null,
      openThread: onThread,
      mayReplyInThread,
      goTo,
      markUnread: mayMark ? markUnread : null,
      mayShowTexts: (message: Message) => hasTexts || message.user_id === user.id,
      showTexts: (message) => setShown({ is: "texts", message }),
      async whoReacted({ id }) {
        const { items } = await chat.api.reactions(id);
        return new Map(items.map(({ emoji, users }) => [emoji, users.map(({ username }) => username)]));
      },
    }),
    [
      chat,
      user.id,
      mayReact,
      mayReply,
      mayReplyInThread,
      mayMark,
      itemsOf,
      react,
      onReply,
      onThread,
      goTo,
      markUnread,
      hasTexts,
    ],
  );
  const layer = (
    <Suspense>
      {shown && "anchor" in shown && (
        <MessagePopover
          message={shown.message}
          anchor={shown.anchor}
          meId={user.id}
          mayReact={mayReact && shown.message.deleted_at === undefined}
          items={shown.is === "menu" ? itemsOf(shown.message) : []}
          onReact={(emoji, on) => react(shown.message, emoji, on)}
          onClose={close}
        />
      )}
      {shown?.is === "delete" && <DeleteMessageDialog message={shown.message} onClose={close} />}
      {shown?.is === "erase" && <EraseMessageDialog message={shown.message} onClose={close} />}
      {shown?.is === "why" && <WhyDialog message={shown.message} onClose={close} />}
      {shown?.is === "forward" && <ForwardDialog message={shown.message} onClose={close} />}
      {shown?.is === "texts" && <FormerTextsDialog message={shown.message} onClose={close} />}
      {fault !== null && (
        <div className={css.fault}>
          <Notice>{fault}</Notice>
        </div>
      )}
    </Suspense>
  );
  return { acts, layer };
}
