import { limits } from "#shared/limits.ts";
import type { RoomKind } from "#shared/models.ts";
import { FOR_ROOMS, type GivenName, planNames } from "./plan-names.ts";
import { type Note, plain, shown } from "./rules.ts";
import { idOf, isTrue, keptId, type SourceRow, textOf } from "./source.ts";
import { timeOf } from "./times.ts";

export interface PlannedRoom {
  readonly sourceId: string;
  readonly id: number | null;
  readonly kind: RoomKind;
  readonly name: string;
  readonly key: string;
  readonly description: string;
  readonly maker: number | null;
  readonly createdAt: number;
  readonly notes: readonly Note[];
}

export function planRooms(
  rows: readonly SourceRow[],
  taken: Set<string>,
  given: {
    now: number;
    keepIds: boolean;
    userOf: (sourceId: string) => number | undefined;
    has: (c: string) => boolean;
  },
): PlannedRoom[] {
  const rooms = rows.map((row) => ({ row, id: idOf(row.id) ?? "", old: textOf(row.name) ?? "", kind: kindOf(row) }));
  // A private room's name is nobody's business: it takes none from others and none is taken from it.
  const open = rooms.filter(({ kind }) => kind === "public");
  const names = new Map<unknown, GivenName>();
  for (const [index, name] of planNames(open, taken, FOR_ROOMS).entries()) names.set(open[index], name);
  for (const room of rooms) {
    if (room.kind === "private") for (const name of planNames([room], new Set(), FOR_ROOMS)) names.set(room, name);
  }
  const planned = rooms.map((room): PlannedRoom => {
    const name = names.get(room) as GivenName;
    const notes: Note[] = [...name.notes];
    const maker = given.userOf(idOf(room.row.maker) ?? "") ?? null;
    if (maker === null) notes.push(["maker-unknown", name.shown]);
    const createdAt = timeOf(room.row.created_at);
    const isTime = createdAt !== null && createdAt <= given.now;
    if (given.has("created_at") && !isTime) notes.push(["joined-time", name.shown]);
    const kept = given.keepIds ? keptId(room.id) : null;
    // Where there is no table of rooms what they are known by is their name.
    if (given.keepIds && kept === null && given.has("id")) notes.push(["id-new", `room ${plain(room.id)}`]);
    return {
      sourceId: room.id,
      id: kept,
      kind: room.kind,
      name: name.shown,
      key: name.key,
      description: descriptionOf(room.row, (example) => notes.push(["description-cut", `${name.shown}: ${example}`])),
      maker,
      createdAt: isTime ? createdAt : given.now,
      notes,
    };
  });
  return [...planned.filter(({ id }) => id !== null), ...planned.filter(({ id }) => id === null)];
}

function kindOf(row: SourceRow): RoomKind {
  return isTrue(row.private) ? "private" : "public";
}

function descriptionOf(row: SourceRow, cut: (example: string) => void): string {
  const text = (textOf(row.description) ?? "").trim();
  const kept = [...text.toWellFormed().replaceAll("\u0000", "")].slice(0, limits.descriptionLength).join("");
  if (kept !== text) cut(shown(text));
  return kept;
}
