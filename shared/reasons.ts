import type { RoomKind } from "./models.ts";
import type { RoomAction, Why } from "./permissions.ts";

/** What each action is called where a person reads it: "Ana may …". In the order in which it is listed. */
export const ACTION_NAMES: Readonly<Record<RoomAction, string>> = {
  see: "know that the room exists",
  read: "read it",
  join: "join it",
  send: "write",
  reply: "reply in threads",
  react: "react to messages",
  pin: "pin messages",
  "edit-own": "edit their own messages",
  "delete-own": "delete their own messages",
  "delete-others": "delete messages of others",
  "mark-read": "keep their place in it",
  follow: "follow threads",
  leave: "leave it",
  "add-members": "add and invite people",
  "remove-members": "remove people",
  "give-roles": "give roles",
  change: "change its settings",
  delete: "delete the room",
  erase: "erase a message with a receipt",
};

/** Why not, in a sentence that says what would change it. */
export function reasonOf(why: Why, name: string, kind: RoomKind): string {
  switch (why) {
    case "unseen":
      return kind === "public"
        ? `Guests know only of the rooms that they are in. A moderator or admin of the room can add ${name}.`
        : `${name} is not in this private room and does not know of it. A moderator or admin of the room can add ${name}.`;
    case "removed":
      return `${name} was removed from the room. A moderator or admin of the room can let ${name} in again.`;
    case "not-member":
      return `Only members can. ${name} is not in the room and can join it.`;
    case "not-public":
      return "Nobody joins a private room by themselves. A moderator or admin of the room adds people.";
    case "archived":
      return "The room is archived: nothing is written to it any more. An admin of the room can take it out of the archive.";
    case "reader":
      return `Readers cannot write. An admin of the room can make ${name} a member.`;
    case "moderators-write":
      return `Only moderators and admins write in this room. An admin of the room can make ${name} a moderator, or open it to all members.`;
    case "led":
      return `Only moderators and admins of the room can. One of its admins can make ${name} a moderator.`;
    case "governed":
      return kind === "public"
        ? `Only admins of the room and of the server can. One of them can make ${name} an admin of the room.`
        : `Only admins of the room can. One of them can make ${name} one.`;
    case "house":
      return "Only admins of the server can.";
    case "closed":
      return "Nobody writes in this talk.";
    case "direct":
      return "Nobody leads a direct talk.";
    default:
      return why satisfies never;
  }
}
