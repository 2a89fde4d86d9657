import { Refusal } from "#shared/errors.ts";
import { recordAct } from "../audit/record-act.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { managedRow, mayGovern } from "../users/queries.ts";
import { keepPasswordLink } from "./password-links.ts";

/** A link that sets somebody's password, made by an admin for whoever cannot log in. */
export async function linkPassword(
  tx: Tx,
  actor: Actor,
  args: { userId: number; tokenHash: string; from: string },
): Promise<{ username: string; until: number }> {
  await mayGovern(tx, actor);
  const row = await managedRow(tx, args.userId);
  if (!row) throw new Refusal("not_found");
  if (row.deactivated_at !== null) throw new Refusal("forbidden", `${row.username} is deactivated. Let them in first.`);
  const until = await keepPasswordLink(tx, row.id, args.tokenHash);
  await recordAct(tx, { act: "password-link.made", actor: actor.userId, userId: row.id, from: args.from });
  return { username: row.username, until };
}
