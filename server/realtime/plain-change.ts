import type { MessageDeleted, MessageEdited } from "#shared/events.ts";

/**
 * What the sockets of one room hear of an event that changed a message; null: nothing. Where not everybody in the room
 * may see the message, its words are left out: a script that may have them asks for them by the id.
 */
export function plainChange(text: string): string | null {
  if (!/^\{"type":"message\.(edited|deleted)",/.test(text)) return null;
  const event = JSON.parse(text) as MessageEdited | MessageDeleted;
  // These sockets are told nothing of threads.
  if (event.type === "message.deleted" ? event.thread : event.message?.thread) return null;
  const { room_id, message_id: id, timestamp } = event;
  if (event.type === "message.deleted") return JSON.stringify({ type: "deleted", id, room_id, timestamp });
  return JSON.stringify({ ...(event.message ?? { id, room_id, edited_at: timestamp }), type: "edited" });
}
