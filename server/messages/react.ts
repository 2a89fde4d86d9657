import { emojisOf, withReactionsOf } from "#shared/apply-message.ts";
import type { ReactionList } from "#shared/contract/messages.ts";
import { isEmoji } from "#shared/emoji.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Message, Reaction } from "#shared/models.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";
import { type MessageAt, messageFor, recordChange, refuseUnless } from "./message-for.ts";
import { presentMessage, reactionsIn } from "./present.ts";

/** Puts one's emoji on a message, or takes it off. What is so already records nothing. */
export async function react(tx: Tx, actor: Actor, args: MessageAt & { emoji: string; on: boolean }): Promise<Message> {
  const found = await messageFor(tx, actor, args);
  refuseUnless("react", found);
  if (!isEmoji(args.emoji)) throw new Refusal("no_emoji", undefined, { field: "emoji" });
  const { row } = found;
  const before = reactionsIn(row);
  const mine = emojisOf(before, actor.userId);
  if (mine.includes(args.emoji) === args.on) return presentMessage(row);
  const emojis = args.on ? [...mine, args.emoji] : mine.filter((emoji) => emoji !== args.emoji);
  const after = withReactionsOf(before, actor.userId, emojis);
  if (args.on) refuseTooMany(after, emojis.length);
  return recordChange(tx, actor, args, args.on ? "reaction.added" : "reaction.removed", (seq) =>
    tx.run(
      "UPDATE messages SET reactions = ?, changed = ? WHERE id = ?",
      after.length === 0 ? null : JSON.stringify(after),
      seq,
      row.id,
    ),
  );
}

function refuseTooMany(reactions: readonly Reaction[], own: number): void {
  const all = reactions.reduce((sum, { user_ids }) => sum + user_ids.length, 0);
  if (own > limits.emojisPerPerson) {
    throw new Refusal("full", `One person puts at most ${limits.emojisPerPerson} emoji on a message.`);
  }
  if (reactions.length > limits.emojisPerMessage) {
    throw new Refusal("full", `A message has at most ${limits.emojisPerMessage} different emoji.`);
  }
  if (all > limits.reactionsPerMessage) {
    throw new Refusal("full", `A message has at most ${limits.reactionsPerMessage} reactions.`);
  }
}

/** Who reacted, by name. */
export async function listReactions(sql: Sql, actor: Actor, args: { id: number }): Promise<ReactionList> {
  const { row } = await messageFor(sql, actor, args);
  const reactions = reactionsIn(row);
  const ids = [...new Set(reactions.flatMap(({ user_ids }) => user_ids))];
  const people = ids.length === 0 ? [] : await named(sql, ids);
  const byId = new Map(people.map((person) => [person.id, person]));
  return {
    items: reactions.map(({ emoji, user_ids }) => ({ emoji, users: user_ids.flatMap((id) => byId.get(id) ?? []) })),
  };
}

function named(sql: Sql, ids: readonly number[]): Promise<{ id: number; username: string }[]> {
  return sql.all(
    `SELECT id, username FROM users WHERE id IN (SELECT CAST(value AS bigint) FROM ${sql.listed})`,
    JSON.stringify(ids),
  );
}
