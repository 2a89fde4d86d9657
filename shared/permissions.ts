import { limits } from "./limits.ts";
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
  | "reply"
  | "follow"
  | "edit-own"
  | "delete-own"
  | "delete-others"
  | "erase"
  | "react"
  | "pin"
  | "change"
  | "delete"
  | "give-roles"
  | "add-members"
  | "remove-members";

/** Why somebody may not: `reasons.ts` says it to people, the server as the code of a refusal. */
export type Why =
  | "unseen"
  | "removed"
  | "not-member"
  | "not-public"
  | "archived"
  | "reader"
  | "moderators-write"
  | "led"
  | "governed"
  | "house"
  | "direct"
  /** A talk of two of whom one blocks the other. */
  | "closed";

/** `may`, for those who need no reason. The web asks it to hide what cannot be done. */
export function may(action: RoomAction, standing: Standing): boolean {
  return decide(action, standing) === "allowed";
}

/**
 * The only place that decides what a person may do in a room, and why not. The server asks it before every write and
 * every read. Whoever may not see the room is told nothing else, and whoever was removed nothing but that.
 */
export function decide(action: RoomAction, standing: Standing): "allowed" | Why {
  const why = barTo(action, standing);
  if (why === null) return "allowed";
  if (barTo("see", standing) !== null) return "unseen";
  return standing.place === "removed" ? "removed" : why;
}

/** Whether somebody may send by a door that knows no joining: whoever may join the room is in it by what they say. */
export function decideSpeaking(standing: Standing): "allowed" | Why {
  const joins = standing.place === null && may("join", standing);
  return decide("send", joins ? { ...standing, place: "member" } : standing);
}

/** Null: nothing bars it. */
function barTo(action: RoomAction, standing: Standing): Why | null {
  const { place, kind } = standing;
  const member = place !== null && place !== "removed";
  switch (action) {
    case "see":
      return isOpen(standing) || member ? null : "unseen";
    case "read":
      return member || (isOpen(standing) && place !== "removed") ? null : "removed";
    case "join":
      if (place === "removed") return "removed";
      return kind === "public" ? null : "not-public";
    case "leave":
    case "follow":
    case "mark-read":
      return member ? null : "not-member";
    case "send":
    case "edit-own":
      if (barToSpeaking(standing) !== null) return barToSpeaking(standing);
      return standing.posting === "members" || leads(standing) ? null : "moderators-write";
    // Who may not open a talk in the room may still join one: moderators post, members answer in threads.
    case "reply":
    case "react":
      return barToSpeaking(standing);
    case "pin": {
      if (kind === "direct") return barTo("read", standing) ?? barToSpeaking(standing);
      const isLed = leads(standing) || governs(standing);
      return barTo("read", standing) ?? (standing.archived ? "archived" : isLed ? null : "led");
    }
    case "delete-own":
      return barTo("read", standing);
    case "delete-others":
      if (kind === "direct") return "direct";
      return barTo("read", standing) ?? (leads(standing) || governs(standing) ? null : "led");
    case "erase":
      if (kind === "direct") return "direct";
      return barTo("read", standing) ?? (standing.role === "admin" ? null : "house");
    case "change":
    case "delete":
    case "give-roles":
      if (kind === "direct") return "direct";
      return governs(standing) ? null : "governed";
    case "add-members":
      if (member && isClosedTalk(standing)) return "closed";
      if (kind === "direct") return member ? null : "not-member";
      return leads(standing) || governs(standing) ? null : "led";
    case "remove-members":
      if (kind === "direct") return "direct";
      return leads(standing) || governs(standing) ? null : "led";
    default:
      return action satisfies never;
  }
}

function barToSpeaking(standing: Standing): Why | null {
  const { place, archived } = standing;
  if (place === null || place === "removed") return "not-member";
  if (isClosedTalk(standing)) return "closed";
  if (archived) return "archived";
  return place === "reader" ? "reader" : null;
}

/** Whether this is a talk in which nobody writes, since one of the two blocks the other. Neither is told who is there. */
export function isClosedTalk({ kind, posting }: Pick<Standing, "kind" | "posting">): boolean {
  return kind === "direct" && posting !== "members";
}

/** Whether this person may remove one who is `over` in the room: a moderator removes nobody who leads it too. */
export function mayRemove(standing: Standing, over: RoomRole): boolean {
  return may("remove-members", standing) && (governs(standing) || over === "member" || over === "reader");
}

/** Whether this person may call everybody in the room by one word. In a small one whoever writes may. */
export function mayCallRoom(standing: Standing, members: number): boolean {
  return may("send", standing) && (leads(standing) || members <= limits.everyoneCalls);
}

/** Whether this person may delete a message: their own, or anybody's where they may. */
export function mayDelete(standing: Standing, isOwn: boolean): boolean {
  return (isOwn && may("delete-own", standing)) || may("delete-others", standing);
}

/** Whether rooms may be made by this person under the server's setting. */
export function mayCreateRoom(role: Role, setting: "everyone" | "admins"): boolean {
  return role === "admin" || (setting === "everyone" && role !== "guest");
}

/** Whether there is a directory of rooms for this person: a guest is in the rooms that they were brought into. */
export function mayBrowse(role: Role): boolean {
  return role !== "guest";
}

/** Whether somebody of this role may be given that role in a room: a guest leads none. */
export function mayHold(role: Role, inRoom: RoomRole): boolean {
  return role !== "guest" || inRoom === "member" || inRoom === "reader";
}

/** Whether this person governs the house: its people, its settings, its audit log. */
export function mayGovernHouse(role: Role): boolean {
  return role === "admin";
}

/** Open to see for whoever is not in it. To a guest every room that they are not in is closed. */
function isOpen({ kind, role }: Standing): boolean {
  return kind === "public" && role !== "guest";
}

function leads({ place, role }: Standing): boolean {
  return role !== "guest" && (place === "admin" || place === "moderator");
}

/** A direct talk has no admin: nobody governs what two people say to each other. */
function governs({ role, place, kind }: Standing): boolean {
  return role !== "guest" && kind !== "direct" && (place === "admin" || (role === "admin" && kind === "public"));
}
