import type { Tx } from "../store/sql.ts";
import { nextHouseVersion } from "../store/streams.ts";
import { type Admission, admitMany, finishReading, readOn } from "./admit-many.ts";
import { insertRows } from "./insert-rows.ts";
import type { PlannedMessage } from "./plan-messages.ts";
import type { PlannedRoom } from "./plan-rooms.ts";
import type { PlannedUser } from "./plan-users.ts";

/** What one step of an import brings. */
export type Step =
  | { kind: "users"; users: Omit<PlannedUser, "notes">[] }
  | { kind: "rooms"; rooms: Omit<PlannedRoom, "notes">[] }
  | { kind: "members"; rooms: Admission[] }
  | { kind: "messages"; messages: PlannedMessage[]; above: number; remember: boolean; left: string[]; isLater: boolean }
  | { kind: "finish" };

export interface ImportBatch {
  importId: number;
  /** Steps follow each other without a gap: one that was done, or whose turn it is not, is refused. */
  step: number;
  /** How far the import is once this is done. */
  state: string;
  bring: Step;
}

/** Ids of the source and what they became. */
export type Became = [sourceId: string, id: number][];

/** One step of an import, with the note of how far it is, in one transaction: all of it is there or none. */
export async function importBatch(tx: Tx, args: ImportBatch): Promise<Became> {
  const found = await tx.run(
    "UPDATE imports SET step = step + 1, state = ? WHERE id = ? AND step = ?",
    args.state,
    args.importId,
    args.step,
  );
  if (found === 0) throw new Error("A step of an import came out of its turn.");
  switch (args.bring.kind) {
    case "users":
      return remember(tx, args.importId, "user", await bringUsers(tx, args.bring.users));
    case "rooms":
      return remember(tx, args.importId, "room", await bringRooms(tx, args.bring.rooms));
    case "members":
      for (const admission of args.bring.rooms) await admitMany(tx, admission);
      return [];
    case "messages": {
      const became = await bringMessages(tx, args.bring);
      await remember(
        tx,
        args.importId,
        "message",
        args.bring.left.map((sourceId) => [sourceId, 0]),
      );
      // A message that kept its id is found by it.
      const moved = args.bring.remember ? became : became.filter(([sourceId, id]) => sourceId !== String(id));
      await remember(tx, args.importId, "message", moved);
      return became;
    }
    case "finish":
      await finishReading(tx, args.importId);
      await tx.run("UPDATE imports SET finished = 1 WHERE id = ?", args.importId);
      return [];
    default:
      return args.bring satisfies never;
  }
}

async function remember(tx: Tx, importId: number, kind: "user" | "room" | "message", became: Became): Promise<Became> {
  const rows = became.map(([sourceId, id]) => [importId, kind, sourceId, id]);
  await insertRows(tx, "imported", ["import_id", "kind", "source_id", "own_id"], rows);
  return became;
}

async function bringUsers(tx: Tx, users: readonly Omit<PlannedUser, "notes">[]): Promise<Became> {
  const free = await freeIds(tx, "users", users);
  const became: Became = [];
  for (const user of users) {
    const keeps = user.id !== null && free.has(user.id);
    const row = await tx.get<{ id: number }>(
      `INSERT INTO users (${keeps ? "id, " : ""}username, username_key, email, email_key, password_hash, role, created_at, deactivated_at)
       VALUES (${keeps ? "?, " : ""}?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
      ...(keeps ? [user.id] : []),
      user.username,
      user.key,
      user.email,
      user.email?.toLowerCase() ?? null,
      user.passwordHash,
      user.role,
      user.createdAt,
      user.active ? null : tx.now,
    );
    if (!row) throw new Error("An account was made and not returned.");
    became.push([user.sourceId, row.id]);
    if (user.oldLogin !== null) await tx.run("INSERT INTO old_logins VALUES (?, ?)", user.oldLogin, row.id);
  }
  return became;
}

async function bringRooms(tx: Tx, rooms: readonly Omit<PlannedRoom, "notes">[]): Promise<Became> {
  const free = await freeIds(tx, "rooms", rooms);
  const became: Became = [];
  for (const room of rooms) {
    const keeps = room.id !== null && free.has(room.id);
    const row = await tx.get<{ id: number }>(
      `INSERT INTO rooms (${keeps ? "id, " : ""}kind, name, name_key, description, created_by, created_at, version)
       VALUES (${keeps ? "?, " : ""}?, ?, ?, ?, ?, ?, ?) RETURNING id`,
      ...(keeps ? [room.id] : []),
      room.kind,
      room.name,
      room.key,
      room.description,
      room.maker,
      room.createdAt,
      room.kind === "public" ? await nextHouseVersion(tx) : 1,
    );
    if (!row) throw new Error("A room was made and not returned.");
    became.push([room.sourceId, row.id]);
  }
  return became;
}

/** Each message an event, at the next seq of its room: as sends would have made them. */
async function bringMessages(
  tx: Tx,
  { messages, above, isLater }: { messages: readonly PlannedMessage[]; above: number; isLater: boolean },
): Promise<Became> {
  const free = await freeIds(tx, "messages", messages);
  const extra = await idsAbove(tx, above);
  const rooms = new Map<number, { seq: number; n: number }>();
  const became: Became = [];
  const rows: [number, number, number, number, number, number, string, number][] = [];
  for (const { sourceId, id, roomId, userId, texts, at } of messages) {
    const room = rooms.get(roomId) ?? (await placeOf(tx, roomId));
    rooms.set(roomId, room);
    texts.forEach((content, index) => {
      room.seq += 1;
      room.n += 1;
      const own = id !== null && index === 0 && free.has(id) ? id : extra();
      if (index === 0) became.push([sourceId, own]);
      rows.push([own, roomId, room.seq, room.n, room.seq, userId, content, at]);
    });
  }
  await insertRows(tx, "messages", ["id", "room_id", "seq", "n", "changed", "user_id", "content", "created_at"], rows);
  const log = rows.map(([id, roomId, seq, , , userId, , at]) => [roomId, seq, "message", id, userId, at]);
  await insertRows(tx, "log", ["room_id", "seq", "kind", "subject", "actor", "at"], log);
  for (const [roomId, { seq, n }] of rooms) {
    // Otherwise the end of the import says it of everybody.
    if (isLater) await readOn(tx, roomId, { seq, n });
    await tx.run("UPDATE rooms SET seq = ?, n = ? WHERE id = ?", seq, n, roomId);
  }
  return became;
}

async function placeOf(tx: Tx, roomId: number): Promise<{ seq: number; n: number }> {
  const room = await tx.get<{ seq: number; n: number }>("SELECT seq, n FROM rooms WHERE id = ?", roomId);
  if (!room) throw new Error("A message was imported into a room that does not exist.");
  return { seq: room.seq, n: room.n };
}

/** Ids beyond all that are here and all that are still to come from the source. */
async function idsAbove(tx: Tx, above: number): Promise<() => number> {
  const row = await tx.get<{ most: number }>("SELECT coalesce(max(id), 0) AS most FROM messages");
  let last = Math.max(above, row?.most ?? 0);
  return () => {
    last += 1;
    return last;
  };
}

/** Those of the wanted ids that nothing here has. */
async function freeIds(
  tx: Tx,
  table: "users" | "rooms" | "messages",
  wanted: readonly { id: number | null }[],
): Promise<Set<number>> {
  const ids = wanted.flatMap(({ id }) => (id === null ? [] : [id]));
  const free = new Set(ids);
  const highest = await tx.get<{ most: number }>(`SELECT coalesce(max(id), 0) AS most FROM ${table}`);
  for (const id of ids) {
    if (id > (highest?.most ?? 0)) continue;
    if (await tx.get(`SELECT 1 FROM ${table} WHERE id = ?`, id)) free.delete(id);
  }
  return free;
}
