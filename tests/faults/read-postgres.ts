import { openStored } from "#tests/support/stored.ts";
import type { StoredFile, StoredRoom } from "./read-file.ts";

export interface Removal {
  room: number;
  person: number;
  seq: number;
}

/** What stands in a PostgreSQL, past all code of the server. */
export async function readPostgres(databaseUrl: string): Promise<StoredFile & { removals: Removal[] }> {
  await using stored = await openStored({ dataDir: "", databaseUrl });
  const rows = await stored.rows<{ id: number; seq: number; n: number }>("SELECT id, seq, n FROM rooms ORDER BY id");
  const rooms: StoredRoom[] = [];
  for (const room of rows) {
    const messages = await stored.rows<StoredRoom["messages"][number]>(
      "SELECT id, seq, n, content FROM messages WHERE room_id = ? ORDER BY seq",
      room.id,
    );
    const log = await stored.rows<{ seq: number }>("SELECT seq FROM log WHERE room_id = ? ORDER BY seq", room.id);
    rooms.push({ ...room, messages, log: log.map(({ seq }) => seq) });
  }
  const [nonces] = await stored.rows<{ count: number }>("SELECT count(*) AS count FROM nonces");
  const removals = await stored.rows<Removal>(
    "SELECT room_id AS room, subject AS person, seq FROM log WHERE kind = 'member.removed'",
  );
  return { complaints: [], rooms, nonces: nonces?.count ?? 0, removals };
}
