import type { Posting, Role, RoomKind, RoomRole } from "./models.ts";

/** Who asks, and what they are in the room in question. Roles are read from the database, never from a token. */
export interface Standing {
  readonly role: Role;
  /** Their role in the room; null: not a member; removed: kept out until let in again. */
  readonly place: RoomRole | "removed" | null;
  readonly kind: RoomKind;
  readonly posting: Posting;
  readonly archived: boolean;
}

export type RoomAction =
  | "see"
  | "read"
  | "join"
  | "leave"
  | "mark-read"
  | "send"
  | "edit-own"
  | "delete-own"
  | "delete-others"
  | "erase"
  | "react"
  | "change"
  | "delete"
  | "give-roles"
  | "add-members"
  | "remove-members";

/**
 * The only place that decides what a person may do in a room. The server asks it before every write and every read;
 * the web asks it to hide what cannot be done.
 */
export function may(action: RoomAction, standing: Standing): boolean {
  const { place, kind } = standing;
  const member = place !== null && place !== "removed";
  switch (action) {
    case "see":
      return kind === "public" || member;
    case "read":
      return member || (kind === "public" && place !== "removed");
    case "join":
      return kind === "public" && place !== "removed";
    case "leave":
    case "mark-read":
      return member;
    case "send":
    case "edit-own":
      return member && !standing.archived && place !== "reader" && (standing.posting === "members" || leads(standing));
    case "react":
      return member && !standing.archived && place !== "reader";
    case "delete-own":
      return may("read", standing);
    case "delete-others":
      return kind !== "direct" && may("read", standing) && (leads(standing) || governs(standing));
    case "erase":
      return standing.role === "admin" && may("read", standing) && kind !== "direct";
    case "change":
    case "delete":
    case "give-roles":
      return governs(standing);
    case "add-members":
      return kind === "direct" ? member : leads(standing) || governs(standing);
    case "remove-members":
      return kind !== "direct" && (leads(standing) || governs(standing));
    default:
      return action satisfies never;
  }
}

/** Whether this person may remove one who is `over` in the room: a moderator removes nobody who leads it too. */
export function mayRemove(standing: Standing, over: RoomRole): boolean {
  return may("remove-members", standing) && (governs(standing) || over === "member" || over === "reader");
}

/** Whether this person may delete a message: their own, or anybody's where they may. */
export function mayDelete(standing: Standing, isOwn: boolean): boolean {
  return (isOwn && may("delete-own", standing)) || may("delete-others", standing);
}

/** Whether rooms may be made by this person under the server's setting. */
export function mayCreateRoom(role: Role, setting: "everyone" | "admins"): boolean {
  return setting === "everyone" || role === "admin";
}

/** Whether this person governs the house: its people, its settings, its audit log. */
export function mayGovernHouse(role: Role): boolean {
  return role === "admin";
}

function leads({ place }: Standing): boolean {
  return place === "admin" || place === "moderator";
}

/** A direct talk has no admin: nobody governs what two people say to each other. */
function governs({ role, place, kind }: Standing): boolean {
  return kind !== "direct" && (place === "admin" || (role === "admin" && kind === "public"));
}
