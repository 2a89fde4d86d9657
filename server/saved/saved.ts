import type { SavedList } from "#shared/contract/kept.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Message, SavedMark } from "#shared/models.ts";
import { getMessage, messageFor } from "../messages/message-for.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";

interface SavedRow {
  message_id: number;
  saved_at: number | null;
  version: number;
}

/** Keeps a message for later. */
export async function saveMessage(tx: Tx, actor: Actor, args: { id: number }): Promise<SavedMark> {
  const { row } = await messageFor(tx, actor, args);
  if (row.deleted_at !== null) throw new Refusal("deleted");
  const known = await markOf(tx, actor, args.id);
  if (known?.saved_at != null) return presentMark(known);
  const saved = await tx.get<{ count: number }>(
    "SELECT count(*) AS count FROM saved_messages WHERE user_id = ? AND saved_at IS NOT NULL",
    actor.userId,
  );
  if ((saved?.count ?? 0) >= limits.savedPerPerson) {
    throw new Refusal("full", `One person saves at most ${limits.savedPerPerson} messages. Take some off the list.`);
  }
  return mark(tx, actor, args.id, tx.now);
}

/** Takes it off the list: one that is not open to the actor any more, too. */
export async function unsaveMessage(tx: Tx, actor: Actor, args: { id: number }): Promise<null> {
  const known = await markOf(tx, actor, args.id);
  if (known?.saved_at != null) await mark(tx, actor, args.id, null);
  return null;
}

/** What the actor saved, saved last first. Of a message that they may not read any more it says only that it was one. */
export async function listSaved(sql: Sql, actor: Actor, args: { before: number; limit: number }): Promise<SavedList> {
  const rows = await sql.all<SavedRow & { saved_at: number }>(
    `SELECT message_id, saved_at, version FROM saved_messages
      WHERE user_id = ? AND saved_at IS NOT NULL AND version < ? ORDER BY version DESC LIMIT ?`,
    actor.userId,
    args.before,
    args.limit + 1,
  );
  const shown = rows.slice(0, args.limit);
  const items: SavedList["items"] = [];
  for (const { message_id, saved_at } of shown) {
    const message = await readable(sql, actor, message_id);
    items.push({ message_id, saved_at: new Date(saved_at).toISOString(), message });
  }
  return { items, next: rows.length > args.limit ? String(shown.at(-1)?.version) : null };
}

export async function savedSince(sql: Sql, userId: number, since: number): Promise<SavedMark[]> {
  const rows = await sql.all<SavedRow>(
    `SELECT message_id, saved_at, version FROM saved_messages
      WHERE user_id = ? AND version > ? AND (? > 0 OR saved_at IS NOT NULL) ORDER BY version`,
    userId,
    since,
    since,
  );
  return rows.map(presentMark);
}

function markOf(tx: Tx, actor: Actor, id: number): Promise<SavedRow | null> {
  return tx.get(
    "SELECT message_id, saved_at, version FROM saved_messages WHERE user_id = ? AND message_id = ?",
    actor.userId,
    id,
  );
}

async function mark(tx: Tx, actor: Actor, id: number, savedAt: number | null): Promise<SavedMark> {
  const version = await nextPersonVersion(tx, actor.userId);
  await tx.run(
    `INSERT INTO saved_messages (user_id, message_id, saved_at, version) VALUES (?, ?, ?, ?)
      ON CONFLICT (user_id, message_id) DO UPDATE SET saved_at = excluded.saved_at, version = excluded.version`,
    actor.userId,
    id,
    savedAt,
    version,
  );
  const made = presentMark({ message_id: id, saved_at: savedAt, version });
  tx.tell({
    to: "person",
    userId: actor.userId,
    frame: { type: "me", version, reset: false, rooms: [], gone: [], saved: [made] },
  });
  return made;
}

async function readable(sql: Sql, actor: Actor, id: number): Promise<Message | null> {
  try {
    return await getMessage(sql, actor, { id });
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function presentMark({ message_id, saved_at, version }: SavedRow): SavedMark {
  return { message_id, saved_at: saved_at === null ? null : new Date(saved_at).toISOString(), version };
}
