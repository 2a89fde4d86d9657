import { Refusal } from "#shared/errors.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";

const HOUR = 3_600_000;
const LOOK_AGAIN = 60_000;
/** People asked about by one look. */
const AT_ONCE = 20;

export interface MailState {
  username: string;
  email: string | null;
  emailKey: string | null;
  confirmed: boolean;
  on: boolean;
}

export async function mailState(sql: Sql, actor: Actor): Promise<MailState> {
  const row = await sql.get<{
    username: string;
    email: string | null;
    email_key: string | null;
    confirmed: number;
    on: number;
  }>(
    `SELECT username, email, email_key, email_confirmed AS confirmed,
       CASE WHEN EXISTS (SELECT 1 FROM mail_digests d WHERE d.user_id = users.id) THEN 1 ELSE 0 END AS "on"
      FROM users WHERE id = ? AND deactivated_at IS NULL`,
    actor.userId,
  );
  if (!row) throw new Refusal("not_found");
  const { username, email, email_key: emailKey } = row;
  return { username, email, emailKey, confirmed: row.confirmed === 1, on: row.on === 1 };
}

/** What was there before is told of by no letter. */
export async function turnDigestOn(tx: Tx, actor: Actor): Promise<null> {
  const { email, confirmed } = await mailState(tx, actor);
  if (email === null || !confirmed) throw new Refusal("email_unconfirmed");
  await tx.run(
    "INSERT INTO mail_digests (user_id, told_until, sent_at, checked_at) VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING",
    actor.userId,
    tx.now,
  );
  return null;
}

export async function turnDigestOff(tx: Tx, actor: Actor): Promise<null> {
  await tx.run("DELETE FROM mail_digests WHERE user_id = ?", actor.userId);
  return null;
}

/** The person has opened the link that was sent to this address. Another one since: the link is for nothing. */
export async function confirmEmail(tx: Tx, actor: Actor, args: { emailKey: string }): Promise<null> {
  const confirmed = await tx.run(
    "UPDATE users SET email_confirmed = 1 WHERE id = ? AND email_key = ? AND deactivated_at IS NULL",
    actor.userId,
    args.emailKey,
  );
  if (confirmed === 0) throw new Refusal("not_found");
  return null;
}

/** Whom to look at next: of several nodes each is given others. */
export async function nextDigests(tx: Tx): Promise<number[]> {
  const rows = await tx.all<{ user_id: number }>(
    `UPDATE mail_digests SET checked_at = ? WHERE user_id IN (
       SELECT d.user_id FROM mail_digests d JOIN users u ON u.id = d.user_id
        WHERE d.checked_at <= ? AND d.sent_at <= ? AND u.email_confirmed = 1 AND u.deactivated_at IS NULL
        ORDER BY d.checked_at, d.user_id LIMIT ${AT_ONCE}) RETURNING user_id`,
    tx.now,
    tx.now - LOOK_AGAIN,
    tx.now - HOUR,
  );
  return rows.map(({ user_id }) => user_id).sort((a, b) => a - b);
}

/** Taken before the letter is sent: should two send at once, one of them may not. */
export async function takeDigest(tx: Tx, args: { userId: number; sentAt: number; until: number }): Promise<boolean> {
  const { userId, sentAt, until } = args;
  const text = "UPDATE mail_digests SET sent_at = ?, told_until = ? WHERE user_id = ? AND sent_at = ?";
  return (await tx.run(text, tx.now, until, userId, sentAt)) === 1;
}
