import { useState } from "react";
import type { Member, Room, RoomRole } from "#shared/models.ts";
import { mayHold } from "#shared/permissions.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Choice } from "#web/ui/Choice.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Notice } from "#web/ui/Notice.tsx";
import css from "./rooms.module.css";

const ROLES: readonly { value: RoomRole; label: string; hint: string }[] = [
  { value: "admin", label: "Admin", hint: "Changes the room, its members and their roles, and can delete it." },
  { value: "moderator", label: "Moderator", hint: "Adds and removes members, and writes in announcement rooms." },
  { value: "member", label: "Member", hint: "Reads and writes." },
  { value: "reader", label: "Reader", hint: "Reads, and does not write." },
];

export function RoleDialog({ room, member, onClose }: { room: Room; member: Member; onClose: () => void }) {
  const { chat } = useHouse();
  const { busy, fault, run } = useDeed();
  const [role, setRole] = useState(member.role);
  const save = async () => {
    if (await run(() => chat.api.giveRole(room.id, member.user_id, role))) onClose();
  };
  return (
    <Dialog title={`Role of ${member.username}`} onClose={onClose}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {fault && <Notice>{fault.detail}</Notice>}
        <Choice
          label={`In ${room.name}`}
          value={role}
          onChange={setRole}
          options={ROLES.filter(({ value }) => mayHold(member.guest ? "guest" : "user", value))}
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="main" busy={busy}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
