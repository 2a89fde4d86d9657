import { limits } from "#shared/limits.ts";
import type { HouseRoom } from "#shared/models.ts";
import { namePart } from "#shared/names.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { holding, mayGovern } from "../users/queries.ts";
import type { Page } from "./queries.ts";

/** The rooms with the most members first, or of them those whose name holds a text, for admins: their names and sizes, direct talks excepted. */
export async function listRoomsBySize(
  sql: Sql,
  actor: Actor,
  args: { after: { members: number; id: number } | null; limit: number; name?: string | undefined },
): Promise<Page<HouseRoom>> {
  await mayGovern(sql, actor);
  const part = namePart(args.name ?? "", limits.roomNameLength);
  if (part === null) return { items: [], next: null };
  const { members, id } = args.after ?? { members: Number.MAX_SAFE_INTEGER, id: 0 };
  const rows = await sql.all<SizeRow>(
    `SELECT r.id, r.kind, r.name, r.member_count, r.description, r.created_by, r.created_at, m.role AS place
      FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ? AND m.state = 'in'
      WHERE r.deleted_at IS NULL AND r.kind <> 'direct'
        AND r.name_key LIKE ? ESCAPE '!' AND (r.member_count < ? OR (r.member_count = ? AND r.id > ?))
      ORDER BY r.member_count DESC, r.id LIMIT ?`,
    actor.userId,
    holding(part),
    members,
    members,
    id,
    args.limit + 1,
  );
  const kept = rows.slice(0, args.limit);
  const last = kept.at(-1);
  const next = rows.length > args.limit && last ? `${last.member_count}-${last.id}` : null;
  return { items: kept.map(present), next };
}

interface SizeRow {
  id: number;
  kind: "public" | "private";
  name: string;
  member_count: number;
  description: string;
  created_by: number | null;
  created_at: number;
  place: string | null;
}

function present({ id, kind, name, member_count, place, ...rest }: SizeRow): HouseRoom {
  const outline = { id, kind, name, member_count };
  if (kind !== "public" && place === null) return { ...outline, description: null, created_by: null, created_at: null };
  const { description, created_by, created_at } = rest;
  return { ...outline, description, created_by, created_at: new Date(created_at).toISOString() };
}
