import type { Role, RoomKind } from "#shared/models.ts";
import type { Sql } from "./sql.ts";

/** What a node holds for its sockets, and asks about by id: an "updated since" would miss what commits late. */
export interface Holds {
  rooms: number[];
  sessions: string[];
  people: number[];
  /** Sessions that nobody used since stand for nothing. */
  usedSince: number;
}

export interface HeldNow {
  epoch: string;
  /** The schema that a program must know to run on the database as it is now. */
  needs: number;
  house: number;
  /** Those that are missing do not exist any more. */
  rooms: { id: number; kind: RoomKind; seq: number; n: number }[];
  sessions: { id: string; user_id: number; username: string; role: Role; created_at: number }[];
  people: { id: number; version: number }[];
}

/** All of it as it stands at one moment. */
export async function readHeld(sql: Sql, args: Holds): Promise<HeldNow> {
  const house = await sql.get<{ epoch: string; version: number; needs: number }>(
    "SELECT epoch, version, (SELECT max(needs) FROM schema_versions) AS needs FROM house WHERE one = 1",
  );
  if (!house) throw new Error("The house has no row.");
  const ids = `SELECT CAST(value AS bigint) FROM ${sql.listed}`;
  return {
    epoch: house.epoch,
    needs: house.needs,
    house: house.version,
    rooms: await sql.all(
      `SELECT id, kind, seq, n FROM rooms WHERE deleted_at IS NULL AND id IN (${ids})`,
      JSON.stringify(args.rooms),
    ),
    sessions: await sql.all(
      `SELECT s.id, s.user_id, u.username, CASE WHEN u.guest = 1 THEN 'guest' ELSE u.role END AS role, u.created_at FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.last_used_at > ? AND u.deactivated_at IS NULL AND s.id IN (SELECT value FROM ${sql.listed})`,
      args.usedSince,
      JSON.stringify(args.sessions),
    ),
    people: await sql.all(
      `SELECT id, me_version AS version FROM users WHERE id IN (${ids})`,
      JSON.stringify(args.people),
    ),
  };
}
