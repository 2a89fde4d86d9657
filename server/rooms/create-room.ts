import type { CreateRoom } from "#shared/contract/rooms.ts";
import { Refusal } from "#shared/errors.ts";
import type { ListedRoom } from "#shared/models.ts";
import { roomName } from "#shared/names.ts";
import { mayCreateRoom } from "#shared/permissions.ts";
import { isStorable } from "#shared/text.ts";
import { settingOr } from "../settings/settings.ts";
import { once } from "../store/nonces.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";
import { nextHouseVersion } from "../store/streams.ts";
import { roleOf } from "../users/queries.ts";
import { nextSeq, recordHappening, tellEvent } from "./log.ts";
import { admit } from "./membership.ts";
import { presentListed } from "./present.ts";
import { roomFor } from "./standing.ts";

export interface CreateRoomArgs extends CreateRoom {
  setting: "everyone" | "admins";
}

/** A new room with its maker as its first member and admin. */
export async function createRoom(tx: Tx, actor: Actor, args: CreateRoomArgs): Promise<ListedRoom> {
  await mayMakeRoom(tx, actor, args);
  const name = roomName(args.name);
  if ("fault" in name) throw new Refusal("invalid", name.fault, { field: "name" });
  const description = (args.description ?? "").trim();
  if (!isStorable(description)) throw new Refusal("bad_text", undefined, { field: "description" });
  const kind = args.kind ?? "public";
  const posting = args.posting ?? "members";
  const made = await once(
    tx,
    actor,
    args.nonce,
    JSON.stringify([name.shown, description, kind, ...(posting === "members" ? [] : [posting])]),
    async () => {
      if (kind === "public") await refuseTaken(tx, name.key, null);
      const room = await tx.get<{ id: number }>(
        `INSERT INTO rooms (kind, name, name_key, description, created_by, created_at, posting, version)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
        kind,
        name.shown,
        name.key,
        description,
        actor.userId,
        tx.now,
        posting,
        kind === "public" ? await nextHouseVersion(tx) : 1,
      );
      if (!room) throw new Error("A room was made and not returned.");
      const place = await nextSeq(tx, room.id);
      const at = { roomId: room.id, seq: place.seq };
      await recordHappening(tx, at, actor.userId, { is: "came", people: [actor.userId] });
      await admit(tx, room.id, kind, actor.userId, "admin", place);
      await tellEvent(tx, room.id, place);
      return { room: room.id };
    },
  );
  const { room } = await roomFor(tx, actor, made.room, "see");
  const listed = presentListed(room);
  if (kind === "public") {
    const { member_count: _, ...told } = listed;
    tx.tell({ to: "house", frame: { type: "house", version: room.version, reset: false, rooms: [told], gone: [] } });
  }
  return listed;
}

/** Refuses whoever makes no rooms here. */
export async function mayMakeRoom(sql: Sql, actor: Actor, args: Pick<CreateRoomArgs, "setting">): Promise<null> {
  const role = await roleOf(sql, actor);
  if (mayCreateRoom(role, await settingOr(sql, "room_creation", args.setting))) return null;
  throw new Refusal("forbidden", role === "guest" ? "Guests make no rooms." : "On this server only admins make rooms.");
}

/** Names are unique among public rooms only: a private one must not be felt by the name it has taken. */
export async function refuseTaken(tx: Tx, key: string, except: number | null): Promise<void> {
  const taken = await tx.get<{ id: number }>(
    "SELECT id FROM rooms WHERE name_key = ? AND kind = 'public' AND deleted_at IS NULL AND id <> ?",
    key,
    except ?? 0,
  );
  if (taken) throw new Refusal("taken", "There is a room of that name already.", { field: "name" });
}
