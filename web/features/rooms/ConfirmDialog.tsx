import type { Member, Room } from "#shared/models.ts";
import { useHouse } from "#web/state/house.ts";
import { useDeed } from "#web/state/use-deed.ts";
import { Button } from "#web/ui/Button.tsx";
import { Dialog, DialogActions } from "#web/ui/Dialog.tsx";
import { Notice } from "#web/ui/Notice.tsx";

interface ConfirmProps {
  room: Room;
  onDone: () => void;
  onClose: () => void;
}

export function DeleteRoomDialog({ room, onDone, onClose }: ConfirmProps) {
  const { chat } = useHouse();
  return (
    <Confirm
      title={`Delete ${room.name}?`}
      question="The room and all its messages will be gone for everybody. This cannot be undone."
      verb="Delete room"
      work={() => chat.api.deleteRoom(room.id)}
      onDone={onDone}
      onClose={onClose}
    />
  );
}

export function LeaveRoomDialog({ room, onDone, onClose }: ConfirmProps) {
  const { chat } = useHouse();
  return (
    <Confirm
      title={`Leave ${room.name}?`}
      question={
        room.kind === "private"
          ? "You will not see this room any more. Only one of its admins can let you in again."
          : "You can join again whenever you like."
      }
      verb="Leave room"
      work={() => chat.api.leaveRoom(room.id)}
      onDone={onDone}
      onClose={onClose}
    />
  );
}

export function RemoveMemberDialog({ room, member, onClose }: { room: Room; member: Member; onClose: () => void }) {
  const { chat } = useHouse();
  return (
    <Confirm
      title={`Remove ${member.username}?`}
      question={`${member.username} will not see ${room.name} any more, until somebody adds them again.`}
      verb="Remove"
      work={() => chat.api.removeMember(room.id, member.user_id)}
      onDone={onClose}
      onClose={onClose}
    />
  );
}

interface Question {
  title: string;
  question: string;
  verb: string;
  work: () => Promise<void>;
  onDone: () => void;
  onClose: () => void;
}

function Confirm({ title, question, verb, work, onDone, onClose }: Question) {
  const { busy, fault, run } = useDeed();
  const confirm = async () => {
    if (await run(work)) onDone();
  };
  return (
    <Dialog title={title} description={question} onClose={onClose}>
      {fault && <Notice>{fault.detail}</Notice>}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={busy} onClick={() => void confirm()}>
          {verb}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
