import type { Role, RoomKind, RoomRole } from "./models.ts";

/** Who asks, and what they are in the room in question. Roles are read from the database, never from a token. */
export interface Standing {
  readonly role: Role;
  /** Their role in the room; null: not a member; removed: kept out until let in again. */
  readonly place: RoomRole | "removed" | null;
  readonly kind: RoomKind;
}

export type RoomAction = "see" | "read" | "join" | "send" | "change" | "delete" | "add-members" | "remove-members";

/**
 * The only place that decides what a person may do in a room. The server asks it before every write and every read;
 * the web asks it to hide what cannot be done.
 */
export function may(action: RoomAction, standing: Standing): boolean {
  const { role, place, kind } = standing;
  const member = place === "admin" || place === "member";
  switch (action) {
    case "see":
      return kind === "public" || member;
    case "read":
      return member || (kind === "public" && place !== "removed");
    case "join":
      return kind === "public" && place !== "removed";
    case "send":
      return member;
    case "change":
    case "delete":
      return place === "admin" || (role === "admin" && kind === "public");
    case "add-members":
    case "remove-members":
      return place === "admin" || (role === "admin" && kind === "public");
    default:
      return action satisfies never;
  }
}

/** Whether rooms may be made by this person under the server's setting. */
export function mayCreateRoom(role: Role, setting: "everyone" | "admins"): boolean {
  return setting === "everyone" || role === "admin";
}
