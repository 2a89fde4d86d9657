import type { MessageDeleted, MessageEvent, MessagePinned, RoomEvent } from "./events.ts";
import type { Message, Reaction } from "./models.ts";

export function isAboutMessage(event: RoomEvent): event is MessageEvent {
  return "message_id" in event;
}

/** Messages after what happened to one of them; the others, and those that know of it already, are the same objects. */
export function withChange(messages: readonly Message[], event: MessageEvent): readonly Message[] {
  const at = placeOf(messages, event);
  const message = messages[at];
  if (!message) return messages;
  const next = changed(message, event);
  return next === message ? messages : messages.with(at, next);
}

/** What the event did to this message, which is `message_id`'s. */
export function changed(message: Message, event: MessageEvent): Message {
  if (event.seq <= message.changed) return message;
  switch (event.type) {
    case "message.edited":
      return event.message ?? message;
    case "message.deleted":
      return gravestone(message, event);
    case "reaction.added":
    case "reaction.removed":
      return event.emojis === null ? message : reacted(message, event.user_id, event.emojis, event.seq);
    case "message.pinned":
    case "message.unpinned":
      return withPin(message, event);
    default:
      return event satisfies never;
  }
}

/** Reactions with all that one person has on the message now, in the order in which they are always kept. */
export function withReactionsOf(reactions: readonly Reaction[], userId: number, emojis: readonly string[]): Reaction[] {
  const byEmoji = new Map(reactions.map(({ emoji, user_ids }) => [emoji, user_ids.filter((id) => id !== userId)]));
  for (const emoji of emojis) byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), userId]);
  return [...byEmoji]
    .filter(([, users]) => users.length > 0)
    .map(([emoji, users]) => ({ emoji, user_ids: users.sort((a, b) => a - b) }))
    .sort((a, b) => (a.emoji < b.emoji ? -1 : 1));
}

export function emojisOf(reactions: readonly Reaction[], userId: number): string[] {
  return reactions.filter(({ user_ids }) => user_ids.includes(userId)).map(({ emoji }) => emoji);
}

function gravestone(message: Message, { seq, deleted_at, erased }: MessageDeleted): Message {
  const { edited_at: _, reactions: __, reply_to: ___, pinned: ____, mentions: _____, ...rest } = message;
  return { ...rest, changed: seq, content: "", deleted_at, ...(erased ? { erased } : {}) };
}

function withPin(message: Message, { seq, pinned }: MessagePinned): Message {
  const { pinned: _, ...rest } = message;
  return { ...rest, changed: seq, ...(pinned ? { pinned } : {}) };
}

function reacted(message: Message, userId: number, emojis: readonly string[], seq: number): Message {
  const { reactions: former = [], ...rest } = message;
  const reactions = withReactionsOf(former, userId, emojis);
  return reactions.length === 0 ? { ...rest, changed: seq } : { ...rest, changed: seq, reactions };
}

/** What happens to messages happens mostly to young ones. */
function placeOf(messages: readonly Message[], { message_id }: MessageEvent): number {
  return messages.findLastIndex((message) => message.id === message_id);
}
