import { Refusal } from "#shared/errors.ts";
import type { Account } from "#shared/models.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { getAccount } from "./queries.ts";

/**
 * Refuses whoever is neither the person nor an admin: the same whether there is such a person or not. Returns who asks,
 * as they are now.
 */
export async function mayChangeUser(sql: Sql, actor: Actor, args: { userId: number }): Promise<Account> {
  const asker = await getAccount(sql, actor);
  if (asker.id !== args.userId && asker.role !== "admin") throw new Refusal("forbidden");
  return asker;
}
