import type { ChangeRoom } from "#shared/contract/rooms.ts";
import { Refusal } from "#shared/errors.ts";
import type { ListedRoom } from "#shared/models.ts";
import { roomName } from "#shared/names.ts";
import { isStorable } from "#shared/text.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextHouseVersion, nextPersonVersion } from "../store/streams.ts";
import { refuseTaken } from "./create-room.ts";
import { nextSeq, recordEvent, tellEvent } from "./log.ts";
import { tellMyRoom } from "./membership.ts";
import { presentListed, presentRoom } from "./present.ts";
import { type RoomRow, roomFor } from "./standing.ts";

/** Renames or describes a room. What is the same already records nothing. */
export async function changeRoom(tx: Tx, actor: Actor, args: ChangeRoom & { roomId: number }): Promise<ListedRoom> {
  const { room } = await roomFor(tx, actor, args.roomId, "change");
  const wanted = wantedOf(room, args);
  if (wanted.name === room.name && wanted.description === room.description) return presentListed(room);
  if (room.kind === "public") await refuseTaken(tx, wanted.key, room.id);
  const version = room.kind === "public" ? await nextHouseVersion(tx) : room.version + 1;
  await tx.run(
    "UPDATE rooms SET name = ?, name_key = ?, description = ?, version = ? WHERE id = ?",
    wanted.name,
    wanted.key,
    wanted.description,
    version,
    room.id,
  );
  const place = await nextSeq(tx, room.id);
  await recordEvent(tx, { roomId: room.id, seq: place.seq }, "room.changed", null, actor.userId);
  const changed: RoomRow = { ...room, name: wanted.name, description: wanted.description, version };
  if (room.kind === "public") {
    tx.tell({ to: "house", frame: { type: "house", version, reset: false, rooms: [presentRoom(changed)], gone: [] } });
  } else await tellMembers(tx, room.id);
  await tellEvent(tx, room.id, place);
  return presentListed(changed);
}

function wantedOf(room: RoomRow, args: ChangeRoom): { name: string; key: string; description: string } {
  const description = args.description?.trim() ?? room.description;
  if (!isStorable(description)) throw new Refusal("bad_text", undefined, { field: "description" });
  if (args.name === undefined) return { name: room.name, key: room.name_key, description };
  const name = roomName(args.name);
  if ("fault" in name) throw new Refusal("invalid", name.fault, { field: "name" });
  return { name: name.shown, key: name.key, description };
}

/** A private room has no stream of the house: its change is told in the stream of each member. */
async function tellMembers(tx: Tx, roomId: number): Promise<void> {
  const members = await tx.all<{ user_id: number }>(
    "SELECT user_id FROM members WHERE room_id = ? AND state = 'in' ORDER BY user_id",
    roomId,
  );
  for (const { user_id } of members) {
    const version = await nextPersonVersion(tx, user_id);
    await tx.run("UPDATE members SET version = ? WHERE room_id = ? AND user_id = ?", version, roomId, user_id);
    await tellMyRoom(tx, user_id, roomId, version);
  }
}
