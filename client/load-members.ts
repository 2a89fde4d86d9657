import { withLook } from "#shared/apply-event.ts";
import type { RoomEvent } from "#shared/events.ts";
import { limits } from "#shared/limits.ts";
import type { Member } from "#shared/models.ts";
import type { Api } from "./api.ts";

const MOST = 1_000;

export interface LoadedMembers {
  readonly members: readonly Member[];
  /** Where the next page begins; null: these are all. */
  readonly next: string | null;
}

/** The members of a room, page by page; of a very large room a thousand at a time. */
export async function loadMembers(api: Api, roomId: number, after: string | null): Promise<LoadedMembers> {
  const members: Member[] = [];
  let next = after;
  do {
    const page = await api.members(roomId, { cursor: next ?? undefined, limit: limits.pageMost });
    members.push(...page.items);
    next = page.next;
  } while (next !== null && members.length < MOST);
  return { members, next };
}

/**
 * Pages are read one after the other while people come and go. What was heard since the first page was asked for is
 * applied once more: the last event about a person is what holds, whether or not their page knew of it.
 */
export function withMemberEvents(members: readonly Member[], events: readonly RoomEvent[]): Member[] {
  const byId = new Map(members.map((member) => [member.user_id, member]));
  for (const event of events) {
    if (event.type === "members.added") for (const member of event.members) byId.set(member.user_id, member);
    const known = event.type === "member.renamed" ? byId.get(event.user_id) : undefined;
    if (event.type === "member.renamed" && known) byId.set(known.user_id, withLook(known, event));
    const promoted = event.type === "member.role" ? byId.get(event.user_id) : undefined;
    if (event.type === "member.role" && promoted) byId.set(promoted.user_id, { ...promoted, role: event.role });
    if (event.type === "member.left" || event.type === "member.removed") byId.delete(event.user_id);
  }
  return [...byId.values()].sort((a, b) => a.user_id - b.user_id);
}
