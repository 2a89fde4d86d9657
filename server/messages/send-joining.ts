import { joinRoom } from "../rooms/join-room.ts";
import { maySpeak } from "../rooms/queries.ts";
import type { Actor, Tx } from "../store/sql.ts";
import type { StoredSend } from "./send-message.ts";
import { storeMessage } from "./send-reply.ts";

/** Sends into a public room and joins it by that, both or neither: for clients that know no joining. */
export async function sendJoining(
  tx: Tx,
  actor: Actor,
  args: { roomId: number; content: string },
): Promise<StoredSend> {
  await maySpeak(tx, actor, args);
  await joinRoom(tx, actor, args);
  return [...(await storeMessage(tx, actor, { ...args, nonce: null })), 0];
}
