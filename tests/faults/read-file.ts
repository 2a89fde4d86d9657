import { Database } from "bun:sqlite";

export interface StoredRoom {
  id: number;
  seq: number;
  n: number;
  messages: { id: number; seq: number; n: number; content: string }[];
  /** The seqs that its log has. */
  log: number[];
}

export interface StoredFile {
  /** What SQLite itself finds wrong. */
  complaints: string[];
  rooms: StoredRoom[];
  nonces: number;
}

/** What stands in the file, past all code of the server. */
export function readStored(path: string): StoredFile {
  const db = new Database(path, { readonly: true });
  try {
    return { complaints: complaintsOf(db), rooms: roomsOf(db), nonces: noncesOf(db) };
  } finally {
    db.close();
  }
}

function complaintsOf(db: Database): string[] {
  const checked = db.query<{ integrity_check: string }, []>("PRAGMA integrity_check").all();
  const strays = db.query<{ table: string }, []>("PRAGMA foreign_key_check").all();
  return [
    ...checked.map((row) => row.integrity_check).filter((line) => line !== "ok"),
    ...strays.map(({ table }) => `a row of ${table} names one that is not there`),
  ];
}

function roomsOf(db: Database): StoredRoom[] {
  const rooms = db.query<{ id: number; seq: number; n: number }, []>("SELECT id, seq, n FROM rooms ORDER BY id").all();
  const messages = db.query<StoredRoom["messages"][number], [number]>(
    "SELECT id, seq, n, content FROM messages WHERE room_id = ? ORDER BY seq",
  );
  const log = db.query<{ seq: number }, [number]>("SELECT seq FROM log WHERE room_id = ? ORDER BY seq");
  return rooms.map((room) => ({
    ...room,
    messages: messages.all(room.id),
    log: log.all(room.id).map(({ seq }) => seq),
  }));
}

function noncesOf(db: Database): number {
  return db.query<{ count: number }, []>("SELECT count(*) AS count FROM nonces").get()?.count ?? 0;
}
