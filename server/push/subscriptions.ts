import type { PushBrowser } from "#shared/contract/push.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";

export interface Subscription {
  endpoint: string;
  p256dh: string;
  auth: string;
  words: boolean;
}

/**
 * Has one session's browser told. A browser that was another session's before is this one's now: whoever knows its
 * address has it from that browser.
 */
export async function subscribe(
  tx: Tx,
  actor: Actor,
  args: Subscription & { sessionId: string },
): Promise<PushBrowser> {
  const { sessionId, endpoint, p256dh, auth, words } = args;
  const session = await tx.get("SELECT 1 FROM sessions WHERE id = ? AND user_id = ?", sessionId, actor.userId);
  if (!session) throw new Refusal("session_ended");
  await tx.run("DELETE FROM push_subscriptions WHERE session_id = ? OR endpoint = ?", sessionId, endpoint);
  const others = await tx.get<{ count: number }>(
    "SELECT count(*) AS count FROM push_subscriptions WHERE user_id = ?",
    actor.userId,
  );
  if ((others?.count ?? 0) >= limits.pushPerPerson) {
    throw new Refusal(
      "full",
      `${limits.pushPerPerson} of your browsers are told already. End a session you do not use.`,
    );
  }
  await tx.run(
    `INSERT INTO push_subscriptions (session_id, user_id, endpoint, p256dh, auth, words, made_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    sessionId,
    actor.userId,
    endpoint,
    p256dh,
    auth,
    words ? 1 : 0,
    tx.now,
  );
  return present({ session_id: sessionId, endpoint, words: words ? 1 : 0, made_at: tx.now }, sessionId);
}

/** The browser's address changed while no page was open. `count` is the refresh token's: an older one proves nothing. */
export async function moveSubscription(
  tx: Tx,
  args: Omit<Subscription, "words"> & { sessionId: string; count: number },
): Promise<null> {
  const { sessionId, count, endpoint, p256dh, auth } = args;
  const known = await tx.get(
    `SELECT 1 FROM push_subscriptions p JOIN sessions s ON s.id = p.session_id
      WHERE p.session_id = ? AND s.refresh_count = ?`,
    sessionId,
    count,
  );
  if (!known) throw new Refusal("not_found");
  await tx.run("DELETE FROM push_subscriptions WHERE endpoint = ? AND session_id <> ?", endpoint, sessionId);
  await tx.run(
    "UPDATE push_subscriptions SET endpoint = ?, p256dh = ?, auth = ? WHERE session_id = ?",
    endpoint,
    p256dh,
    auth,
    sessionId,
  );
  return null;
}

/** Of one's own session; one that is told nothing is as well. */
export async function unsubscribe(tx: Tx, actor: Actor, args: { sessionId: string }): Promise<null> {
  await tx.run("DELETE FROM push_subscriptions WHERE session_id = ? AND user_id = ?", args.sessionId, actor.userId);
  return null;
}

/** The push service says that nobody listens there any more. A newer subscription of the session stays. */
export async function dropSubscription(tx: Tx, args: { sessionId: string; endpoint: string }): Promise<null> {
  await tx.run("DELETE FROM push_subscriptions WHERE session_id = ? AND endpoint = ?", args.sessionId, args.endpoint);
  return null;
}

/** Of one's own session; null: its browser is told nothing. */
export function ownSubscription(
  sql: Sql,
  actor: Actor,
  args: { sessionId: string },
): Promise<{ endpoint: string; p256dh: string; auth: string } | null> {
  return sql.get(
    "SELECT endpoint, p256dh, auth FROM push_subscriptions WHERE session_id = ? AND user_id = ?",
    args.sessionId,
    actor.userId,
  );
}

export async function listSubscriptions(sql: Sql, actor: Actor, args: { current: string }): Promise<PushBrowser[]> {
  const rows = await sql.all<Row>(
    `SELECT session_id, endpoint, words, made_at FROM push_subscriptions WHERE user_id = ?
      ORDER BY made_at DESC, session_id LIMIT ${limits.pushPerPerson}`,
    actor.userId,
  );
  return rows.map((row) => present(row, args.current));
}

interface Row {
  session_id: string;
  endpoint: string;
  words: number;
  made_at: number;
}

/** Without the address itself: whoever has it and the keys could write to the browser. */
function present(row: Row, current: string): PushBrowser {
  return {
    service: new URL(row.endpoint).host,
    words: row.words === 1,
    made_at: new Date(row.made_at).toISOString(),
    current: row.session_id === current,
  };
}
