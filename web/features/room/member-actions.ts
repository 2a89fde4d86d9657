import type { Member } from "#shared/models.ts";
import { may, mayRemove, type Standing } from "#shared/permissions.ts";
import type { MenuItem } from "#web/ui/Menu.tsx";
import type { RoomDialog } from "./RoomDialogs.tsx";

/** What one may do about another member. What one may not is not there. */
export function memberActions(
  member: Member,
  standing: Standing | null,
  show: (dialog: RoomDialog) => void,
  talkWith: (member: Member) => void,
  block: { isOn: (member: Member) => boolean; turn: (member: Member, on: boolean) => void },
): MenuItem[] {
  if (standing === null) return [];
  const isAdmin = standing.place === "admin";
  return [
    { label: "Send a message", run: () => talkWith(member) },
    block.isOn(member)
      ? { label: "Unblock", run: () => block.turn(member, false) }
      : { label: "Block", run: () => block.turn(member, true) },
    ...(may("give-roles", standing) ? [{ label: "Change role", run: () => show({ kind: "role", member }) }] : []),
    ...(may("give-roles", standing) && isAdmin && !member.guest
      ? [{ label: "Hand the room over", run: () => show({ kind: "hand-over", member }) }]
      : []),
    ...(mayRemove(standing, member.role)
      ? [{ label: "Remove from room", danger: true, run: () => show({ kind: "remove", member }) }]
      : []),
  ];
}
