import type { Why } from "#shared/contract/notify.ts";
import { calledIn, calledKey } from "#shared/mentions.ts";
import type { Level, Mentions, Preferences } from "#shared/models.ts";
import { type Call, type Decision, decide, sentenceOf } from "#shared/notify.ts";
import { messageFor } from "../messages/message-for.ts";
import { type MessageRow, mentionsIn } from "../messages/present.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { followOf } from "../threads/my-threads.ts";
import { toldOf } from "./note-told.ts";
import { getPreferences } from "./preferences.ts";

/** So long a push is tried. */
const PUSHED_WITHIN = 2 * 3_600_000;

/**
 * Why one was told of a message or was not, by what one has chosen, decided for when it was said, by the one function that
 * decides it; and what became of it as far as that was written down.
 */
export async function whyNotified(sql: Sql, actor: Actor, args: { id: number; now: number }): Promise<Why> {
  const { row, standing } = await messageFor(sql, actor, args);
  const preferences = await getPreferences(sql, actor);
  const member = await sql.get<{ notify: Level | null }>(
    "SELECT notify FROM members WHERE room_id = ? AND user_id = ? AND state = 'in'",
    row.room_id,
    actor.userId,
  );
  const block = await sql.get(
    "SELECT 1 FROM blocks WHERE user_id = ? AND blocked_id = ? AND blocked_at IS NOT NULL",
    actor.userId,
    row.user_id,
  );
  const message = {
    author: row.user_id,
    isDeleted: row.deleted_at !== null,
    content: row.content,
    mentions: mentionsIn(row),
  };
  const room_level = member?.notify ?? null;
  const thread = row.thread === null ? "none" : await followOf(sql, actor, row.thread);
  const isBlocked = block !== null;
  const place = { isMember: member !== null, sees: true, isConnected: true, isBlocked, thread } as const;
  const room = { kind: standing.kind, level: room_level };
  const decideAt = (chosen: Preferences, at: number) =>
    decide(message, { id: actor.userId, preferences: chosen }, room, place, at);
  const calling = decideAt(preferences, row.created_at).call;
  const isLate = row.edited_at !== null && !(await calledAtFirst(sql, row, actor.userId, calling));
  const at = isLate ? (row.edited_at ?? row.created_at) : row.created_at;
  const decision = decideAt({ ...preferences, paused_until: await pauseAt(sql, actor, preferences, at) }, at);
  const now = decideAt(preferences, args.now);
  const ofThread = typeof thread === "object" && thread.level !== null;
  const chosenFor = ofThread ? "thread" : room_level === null ? "rooms" : "room";
  const say = (each: Decision) => sentenceOf(each, chosenFor);
  const asked = { userId: actor.userId, roomId: row.room_id, seq: row.seq, until: row.created_at + PUSHED_WITHIN };
  return {
    ...decision,
    sentence: isLate ? `${say(decision)} ${EDITED}` : say(decision),
    at: new Date(at).toISOString(),
    now: now.reason === decision.reason ? null : { notify: now.notify, sentence: say(now) },
    told: (await toldOf(sql, asked)).map((each) => ({ how: each.how, at: new Date(each.at).toISOString() })),
    room_level,
    preferences,
  };
}

const EDITED = "It does so since it was edited: a page that was open then told you, and no closed browser.";

/** Whether the words that were there first called the person as those do that stand now. */
async function calledAtFirst(sql: Sql, row: MessageRow, userId: number, call: Call | null): Promise<boolean> {
  if (call === null || call === "keyword") return true;
  const first = await sql.get<{ content: string }>(
    "SELECT content FROM former_texts WHERE message_id = ? ORDER BY number LIMIT 1",
    row.id,
  );
  if (!first) return true;
  const found = calledIn(first.content);
  if (call === "room" || call === "here") return found.some(({ kind }) => kind === call);
  const { people = [], groups = [] }: Mentions = mentionsIn(row) ?? {};
  const as = call === "named" ? people.filter(({ id }) => id === userId) : groups;
  const keys = new Set(as.map((each) => calledKey(each.as)));
  return found.some((each) => each.kind === "name" && keys.has(calledKey(each.name)));
}

/** A pause that was chosen after the message held nothing back. */
async function pauseAt(sql: Sql, actor: Actor, { paused_until }: Preferences, at: number): Promise<string | null> {
  const row = await sql.get<{ paused_at: number | null }>(
    "SELECT paused_at FROM preferences WHERE user_id = ?",
    actor.userId,
  );
  return (row?.paused_at ?? 0) <= at ? paused_until : null;
}
