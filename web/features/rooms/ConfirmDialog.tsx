import type { Member, Room, RoomKind } from "#shared/models.ts";
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

export function LeaveRoomDialog({ room, title, onDone, onClose }: ConfirmProps & { title: string }) {
  const { chat } = useHouse();
  return (
    <Confirm
      title={`Leave ${title}?`}
      question={AFTER_LEAVING[room.kind]}
      verb={room.kind === "direct" ? "Leave conversation" : "Leave room"}
      work={() => chat.api.leaveRoom(room.id)}
      onDone={onDone}
      onClose={onClose}
    />
  );
}

const AFTER_LEAVING: Record<RoomKind, string> = {
  public: "You can join again whenever you like.",
  private:
    "You will not see this room any more. Only one of its admins can let you in again. If nobody else is in it, it is gone for good, with all its messages.",
  direct:
    "You will not see this conversation any more, until one of the others adds you again. If nobody else is left in it, it is gone for good.",
};

export function ArchiveRoomDialog({ room, onDone, onClose }: ConfirmProps) {
  const { chat } = useHouse();
  return (
    <Confirm
      title={`Archive ${room.name}?`}
      question="It can be read as before, and nobody can write in it. You can bring it back at any time."
      verb="Archive room"
      work={async () => {
        await chat.api.changeRoom(room.id, { archived: true });
      }}
      onDone={onDone}
      onClose={onClose}
    />
  );
}

export function HandOverDialog({ room, member, onClose }: { room: Room; member: Member; onClose: () => void }) {
  const { chat } = useHouse();
  return (
    <Confirm
      title={`Hand ${room.name} over to ${member.username}?`}
      question={`${member.username} becomes its admin, and you a member.`}
      verb="Hand over"
      work={() => chat.api.transferRoom(room.id, member.user_id)}
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
