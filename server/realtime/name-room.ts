import { Refusal } from "#shared/errors.ts";
import type { ListedRoom } from "#shared/models.ts";
import { roomName } from "#shared/names.ts";
import type { Actor } from "../store/sql.ts";
import type { Realtime } from "./realtime.ts";

/**
 * The room that `/ws/{name}` means, entered: digits are an id, anything else a name. One of the person's own private
 * rooms comes before the public room of that name; a name that nobody has makes a public room.
 */
export async function enterRoom(realtime: Realtime, actor: Actor, name: string): Promise<ListedRoom> {
  const { store } = realtime;
  const roomId = /^[0-9]{1,15}$/.test(name) ? Number(name) : await roomNamed(realtime, actor, name);
  return store.write("join-room", actor, { roomId });
}

async function roomNamed(realtime: Realtime, actor: Actor, text: string): Promise<number> {
  const name = roomName(text);
  if ("fault" in name) throw new Refusal("not_found", name.fault);
  const found = await find(realtime, actor, name.key);
  if (found !== null) return found;
  realtime.takeRoom(actor.userId);
  try {
    const args = { name: name.shown, setting: realtime.roomCreation };
    return (await realtime.store.write("create-room", actor, args)).id;
  } catch (error) {
    // Two who come to a new name at once are both let in.
    if (!(error instanceof Refusal) || error.code !== "taken") throw error;
    const made = await find(realtime, actor, name.key);
    if (made === null) throw error;
    return made;
  }
}

async function find(realtime: Realtime, actor: Actor, key: string): Promise<number | null> {
  const rooms = await realtime.store.read("rooms-named", actor, { key });
  if (rooms.filter((room) => room.kind === "private").length > 1) {
    throw new Refusal("not_found", "Two of your private rooms have that name. Use the id.");
  }
  return rooms[0]?.id ?? null;
}
