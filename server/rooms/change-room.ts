import type { ChangeRoom } from "#shared/contract/rooms.ts";
import { Refusal } from "#shared/errors.ts";
import type { ListedRoom, RoomChange } from "#shared/models.ts";
import { roomName } from "#shared/names.ts";
import { isStorable } from "#shared/text.ts";
import { recordInRoom } from "../audit/record-act.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextHouseVersion } from "../store/streams.ts";
import { refuseTaken } from "./create-room.ts";
import { nextSeq, recordHappening, tellEvent } from "./log.ts";
import { tellMembers } from "./membership.ts";
import { presentListed, presentRoom } from "./present.ts";
import { type RoomRow, roomFor } from "./standing.ts";

/** Renames or describes a room, says who may write in it, archives it. What is the same already records nothing. */
export async function changeRoom(
  tx: Tx,
  actor: Actor,
  args: ChangeRoom & { roomId: number; from?: string },
): Promise<ListedRoom> {
  const { room, standing } = await roomFor(tx, actor, args.roomId, "change");
  const wanted = wantedOf(room, args, tx.now);
  if (isSame(room, wanted)) return presentListed(room);
  if (room.kind === "public") await refuseTaken(tx, wanted.name_key, room.id);
  const version = room.kind === "public" ? await nextHouseVersion(tx) : room.version + 1;
  await tx.run(
    `UPDATE rooms SET name = ?, name_key = ?, description = ?, posting = ?, archived_at = ?, version = ?
      WHERE id = ?`,
    wanted.name,
    wanted.name_key,
    wanted.description,
    wanted.posting,
    wanted.archived_at,
    version,
    room.id,
  );
  const place = await nextSeq(tx, room.id);
  const at = { roomId: room.id, seq: place.seq };
  await recordHappening(tx, at, actor.userId, { is: "changed", changes: changesIn(room, wanted) });
  const changed: RoomRow = { ...room, ...wanted, version };
  if (room.kind === "public") {
    tx.tell({ to: "house", frame: { type: "house", version, reset: false, rooms: [presentRoom(changed)], gone: [] } });
    await tellMembers(tx, room.id, "guests");
  } else await tellMembers(tx, room.id);
  await tellEvent(tx, room.id, place);
  // Its own admins change it as they like; that the house's do is for the house to know.
  if (standing.place !== "admin") {
    const detail = { fields: changedIn(room, wanted).join(", ") };
    await recordInRoom(tx, room, { act: "room.changed", actor: actor.userId, detail, from: args.from });
  }
  return presentListed(changed);
}

type Wanted = Pick<RoomRow, "name" | "name_key" | "description" | "posting" | "archived_at">;

function wantedOf(room: RoomRow, args: ChangeRoom, now: number): Wanted {
  const description = args.description?.trim() ?? room.description;
  if (!isStorable(description)) throw new Refusal("bad_text", undefined, { field: "description" });
  const posting = args.posting ?? room.posting;
  const isArchived = args.archived ?? room.archived_at !== null;
  const archived_at = isArchived ? (room.archived_at ?? now) : null;
  if (args.name === undefined) {
    return { name: room.name, name_key: room.name_key, description, posting, archived_at };
  }
  const name = roomName(args.name);
  if ("fault" in name) throw new Refusal("invalid", name.fault, { field: "name" });
  return { name: name.shown, name_key: name.key, description, posting, archived_at };
}

function changedIn(room: RoomRow, wanted: Wanted): string[] {
  return [
    ...(wanted.name === room.name ? [] : ["name"]),
    ...(wanted.description === room.description ? [] : ["description"]),
    ...(wanted.posting === room.posting ? [] : ["who writes"]),
    ...(wanted.archived_at === room.archived_at ? [] : ["archive"]),
  ];
}

function changesIn(room: RoomRow, wanted: Wanted): RoomChange[] {
  return [
    ...(wanted.name === room.name ? [] : (["name"] as const)),
    ...(wanted.description === room.description ? [] : (["description"] as const)),
    ...(wanted.posting === room.posting
      ? []
      : [wanted.posting === "members" ? ("talk" as const) : ("announcements" as const)]),
    ...(wanted.archived_at === room.archived_at
      ? []
      : [wanted.archived_at === null ? ("unarchived" as const) : ("archived" as const)]),
  ];
}

function isSame(room: RoomRow, wanted: Wanted): boolean {
  return (
    wanted.name === room.name &&
    wanted.description === room.description &&
    wanted.posting === room.posting &&
    wanted.archived_at === room.archived_at
  );
}
