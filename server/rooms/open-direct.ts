import type { OpenDirect } from "#shared/contract/rooms.ts";
import { Refusal } from "#shared/errors.ts";
import type { ListedRoom } from "#shared/models.ts";
import { isBlocked, pairOf, settleTalk } from "../blocks/block.ts";
import { once } from "../store/nonces.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { knows } from "../users/people.ts";
import { nextSeq, recordHappening, tellEvent } from "./log.ts";
import { admit, tellMembers } from "./membership.ts";
import { presentListed } from "./present.ts";
import { roomFor } from "./standing.ts";

/**
 * The talk with one other person, which is the same one whoever of the two begins it and however often; or a new talk of
 * several. It has no name, no admin, and is listed for those in it alone.
 */
export async function openDirect(tx: Tx, actor: Actor, args: OpenDirect): Promise<ListedRoom> {
  const others = [...new Set(args.user_ids)].filter((id) => id !== actor.userId);
  const people = [...others, actor.userId].sort((a, b) => a - b);
  if (others.length === 0) throw new Refusal("invalid", "A talk needs somebody else.", { field: "user_ids" });
  const pair = people.length === 2 ? people.join(":") : null;
  const content = JSON.stringify(["direct", people]);
  const made = await once(tx, actor, args.nonce, content, async () => {
    const known = pair !== null && (await tx.get<{ id: number }>("SELECT id FROM rooms WHERE direct_key = ?", pair));
    if (!known) await refuseBlocked(tx, actor, others);
    return { room: known ? known.id : await makeTalk(tx, actor, people, pair) };
  });
  // Somebody may have been blocked while it was made.
  if (pair !== null) await settleTalk(tx, pair);
  const { room } = await roomFor(tx, actor, made.room, "see");
  return presentListed(room);
}

/**
 * Nobody brings into a talk or a private room whom they block or who blocks them, alone or among others, who might leave it.
 * What is there already stays to be read. Whoever is blocked is not told by whom they are, or that they are.
 */
export async function refuseBlocked(
  tx: Tx,
  actor: Actor,
  others: readonly number[],
  deed: "begin a talk with" | "add" = "begin a talk with",
): Promise<void> {
  for (const other of others) {
    const by = await isBlocked(tx, pairOf(actor.userId, other));
    if (by === actor.userId) throw new Refusal("forbidden", "You blocked this person. Unblock them first.");
    if (by !== null) throw new Refusal("forbidden", `You cannot ${deed} this person.`);
  }
}

async function makeTalk(tx: Tx, actor: Actor, people: readonly number[], pair: string | null): Promise<number> {
  for (const userId of people) {
    const found = await tx.get("SELECT 1 FROM users WHERE id = ? AND deactivated_at IS NULL", userId);
    if (!found || !(await knows(tx, actor, userId)))
      throw new Refusal("not_found", `There is no person with the id ${userId}.`, { field: "user_ids" });
  }
  const room = await tx.get<{ id: number }>(
    `INSERT INTO rooms (kind, name, name_key, description, created_by, created_at, version, direct_key)
     VALUES ('direct', '', '', '', ?, ?, 1, ?) RETURNING id`,
    actor.userId,
    tx.now,
    pair,
  );
  if (!room) throw new Error("A talk was made and not returned.");
  const place = await nextSeq(tx, room.id);
  const at = { roomId: room.id, seq: place.seq };
  await recordHappening(tx, at, actor.userId, { is: "came", people: [...people] });
  for (const userId of people) await admit(tx, room.id, "direct", userId, "member", place);
  await tellMembers(tx, room.id);
  await tellEvent(tx, room.id, place);
  return room.id;
}
