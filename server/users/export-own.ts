import type { Person } from "#shared/contract/people.ts";
import type { PushBrowser } from "#shared/contract/push.ts";
import type { Account, Draft, Preferences, SavedMark, Scheduled, Session } from "#shared/models.ts";
import type { Signed } from "../auth/sessions.ts";
import { listSessions } from "../auth/sessions.ts";
import { draftsSince } from "../drafts/drafts.ts";
import { Download } from "../endpoint.ts";
import { mailState } from "../mail/subscriptions.ts";
import { getPreferences } from "../notify/preferences.ts";
import { listSubscriptions } from "../push/subscriptions.ts";
import { savedSince } from "../saved/saved.ts";
import { listScheduled } from "../scheduled/scheduled.ts";
import type { Services } from "../services.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { getPerson } from "./people.ts";
import { getAccount } from "./queries.ts";

export interface OwnData {
  account: Account;
  profile: Person;
  sessions: Session[];
  /** Which of their browsers are told while they are closed. */
  push: PushBrowser[];
  /** Whether they are written to about what they did not read. */
  letters: boolean;
  preferences: Preferences;
  rooms: {
    id: number;
    kind: string;
    name: string;
    role: string;
    notify: string | null;
    favourite: number;
    hidden: number;
  }[];
  blocked: { id: number; username: string }[];
  drafts: Draft[];
  /** Messages of others stay theirs: which ones were saved, and when. */
  saved: SavedMark[];
  scheduled: Scheduled[];
  lastMessage: number;
}

export interface OwnMessage {
  id: number;
  room_id: number;
  /** The message in whose thread it stands. */
  thread: number | null;
  content: string;
  timestamp: string;
  edited_at: string | null;
  former_texts: string[];
}

// Ids looked at by one question: a read of it ends soon, however many messages there are.
const LOOKED_AT = 20_000;

/** All that is kept of oneself, as one JSON file that is written while it is read. */
export function exportOwn({ store, clock }: Services, by: Signed): Download {
  async function* parts() {
    const now = clock.now();
    const own = await store.read("own-data", by, { current: by.sessionId, now });
    const { lastMessage, ...head } = own;
    const opening = JSON.stringify({ exported_at: new Date(now).toISOString(), ...head });
    yield `${opening.slice(0, -1)},"messages":[`;
    let isFirst = true;
    for (let after = 0; after < lastMessage; after += LOOKED_AT) {
      const found = await store.read("own-words", by, { after, to: Math.min(after + LOOKED_AT, lastMessage) });
      const text = found.map((message) => JSON.stringify(message)).join(",\n");
      if (text !== "") yield `${isFirst ? "\n" : ",\n"}${text}`;
      if (text !== "") isFirst = false;
    }
    yield "]}\n";
  }
  return new Download("my-data.json", "application/json; charset=utf-8", parts());
}

/** More than anybody has: with each login those go that were not used for long. */
const ALL_SESSIONS = 10_000;

export async function readOwnData(sql: Sql, actor: Actor, args: { current: string; now: number }): Promise<OwnData> {
  const last = await sql.get<{ id: number | null }>("SELECT max(id) AS id FROM messages");
  return {
    account: await getAccount(sql, actor),
    profile: await getPerson(sql, actor, { userId: actor.userId, now: args.now }),
    preferences: await getPreferences(sql, actor),
    sessions: (await listSessions(sql, actor, { ...args, limit: ALL_SESSIONS })).items,
    push: await listSubscriptions(sql, actor, args),
    letters: (await mailState(sql, actor)).on,
    rooms: await sql.all(
      `SELECT r.id, r.kind, r.name, m.role, m.notify, m.favourite, m.hidden FROM members m JOIN rooms r ON r.id = m.room_id
        WHERE m.user_id = ? AND m.state = 'in' AND r.deleted_at IS NULL ORDER BY r.id`,
      actor.userId,
    ),
    blocked: await sql.all(
      `SELECT u.id, u.username FROM blocks b JOIN users u ON u.id = b.blocked_id
        WHERE b.user_id = ? AND b.blocked_at IS NOT NULL ORDER BY u.id`,
      actor.userId,
    ),
    drafts: await draftsSince(sql, actor.userId, 0),
    saved: await savedSince(sql, actor.userId, 0),
    scheduled: (await listScheduled(sql, actor)).items,
    lastMessage: last?.id ?? 0,
  };
}

/** One's own words between two ids, those too in rooms that one is not in any more. */
export async function readOwnWords(sql: Sql, actor: Actor, args: { after: number; to: number }): Promise<OwnMessage[]> {
  const rows = await sql.all<{
    id: number;
    room_id: number;
    thread: number | null;
    content: string;
    created_at: number;
    edited_at: number | null;
  }>(
    `SELECT m.id, m.room_id, m.thread, m.content, m.created_at, m.edited_at FROM messages m JOIN rooms r ON r.id = m.room_id
      WHERE m.id > ? AND m.id <= ? AND m.user_id = ? AND m.deleted_at IS NULL AND r.deleted_at IS NULL ORDER BY m.id`,
    args.after,
    args.to,
    actor.userId,
  );
  const former = await sql.all<{ message_id: number; content: string }>(
    `SELECT f.message_id, f.content FROM former_texts f JOIN messages m ON m.id = f.message_id
      WHERE m.id > ? AND m.id <= ? AND m.user_id = ? ORDER BY f.message_id, f.number`,
    args.after,
    args.to,
    actor.userId,
  );
  const texts = Map.groupBy(former, (text) => text.message_id);
  return rows.map((row) => ({
    id: row.id,
    room_id: row.room_id,
    thread: row.thread,
    content: row.content,
    timestamp: new Date(row.created_at).toISOString(),
    edited_at: row.edited_at === null ? null : new Date(row.edited_at).toISOString(),
    former_texts: (texts.get(row.id) ?? []).map((text) => text.content),
  }));
}
