import { nextSeq, recordEvent, tellEvent } from "../rooms/log.ts";
import { tellMembers } from "../rooms/membership.ts";
import type { Actor, Tx } from "../store/sql.ts";

/** The same for a new user name, under which what is on its way must go out as well. */
export async function tellNewName(tx: Tx, actor: Actor, userId: number, username: string): Promise<void> {
  tx.tell({ to: "name", userId, username });
  await tellNewLook(tx, actor, userId);
}

/**
 * Says a person's new name or colour in the log of every room in which they are or were: their messages and their place among the
 * members are drawn with it there.
 */
export async function tellNewLook(tx: Tx, actor: Actor, userId: number): Promise<void> {
  const rooms = await tx.all<{ id: number; kind: string }>(
    `SELECT r.id, r.kind FROM members m JOIN rooms r ON r.id = m.room_id
      WHERE m.user_id = ? AND r.deleted_at IS NULL ORDER BY r.id`,
    userId,
  );
  for (const { id, kind } of rooms) {
    const place = await nextSeq(tx, id);
    await recordEvent(tx, { roomId: id, seq: place.seq }, "member.renamed", userId, actor.userId);
    // The others in a direct talk have the name in their own row of it.
    if (kind === "direct") await tellMembers(tx, id);
    await tellEvent(tx, id, place);
  }
}
