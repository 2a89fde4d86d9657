import { lazy, Suspense } from "react";
import { useLocation } from "wouter";
import type { RoomView } from "#client/chat.ts";
import type { Member, Message, Room } from "#shared/models.ts";
import { useMyRoom, useRoomTitle } from "#web/state/chat.ts";

export type RoomDialog =
  | { readonly kind: "change" | "add" | "invite" | "leave" | "archive" | "delete" | "pins" | "notify" }
  | { readonly kind: "remove" | "role" | "hand-over"; readonly member: Member };

const ChangeRoomDialog = lazy(() =>
  import("#web/features/rooms/ChangeRoomDialog.tsx").then((module) => ({ default: module.ChangeRoomDialog })),
);
const AddPeopleDialog = lazy(() =>
  import("#web/features/rooms/AddPeopleDialog.tsx").then((module) => ({ default: module.AddPeopleDialog })),
);
const LeaveRoomDialog = lazy(() =>
  import("#web/features/rooms/ConfirmDialog.tsx").then((module) => ({ default: module.LeaveRoomDialog })),
);
const DeleteRoomDialog = lazy(() =>
  import("#web/features/rooms/ConfirmDialog.tsx").then((module) => ({ default: module.DeleteRoomDialog })),
);

const ArchiveRoomDialog = lazy(() =>
  import("#web/features/rooms/ConfirmDialog.tsx").then((module) => ({ default: module.ArchiveRoomDialog })),
);
const HandOverDialog = lazy(() =>
  import("#web/features/rooms/ConfirmDialog.tsx").then((module) => ({ default: module.HandOverDialog })),
);
const InviteDialog = lazy(() =>
  import("#web/features/rooms/InviteDialog.tsx").then((module) => ({ default: module.InviteDialog })),
);
const NotifyDialog = lazy(() =>
  import("#web/features/rooms/NotifyDialog.tsx").then((module) => ({ default: module.NotifyDialog })),
);
const PinsDialog = lazy(() =>
  import("#web/features/messages/PinsDialog.tsx").then((module) => ({ default: module.PinsDialog })),
);
const RoleDialog = lazy(() =>
  import("#web/features/rooms/RoleDialog.tsx").then((module) => ({ default: module.RoleDialog })),
);
const RemoveMemberDialog = lazy(() =>
  import("#web/features/rooms/RemoveMemberDialog.tsx").then((module) => ({ default: module.RemoveMemberDialog })),
);

interface RoomDialogsProps {
  dialog: RoomDialog;
  room: Room;
  view: RoomView;
  mayPin: boolean;
  goTo: (message: Message) => void;
  onClose: () => void;
}

export function RoomDialogs(props: RoomDialogsProps) {
  return (
    <Suspense>
      <Chosen {...props} />
    </Suspense>
  );
}

function Chosen({ dialog, room, view, mayPin, goTo, onClose }: RoomDialogsProps) {
  const [, go] = useLocation();
  const toList = () => go("/chat", { replace: true });
  const title = useRoomTitle(room.id);
  const mine = useMyRoom(room.id);
  switch (dialog.kind) {
    case "change":
      return <ChangeRoomDialog room={room} onClose={onClose} />;
    case "add": {
      const memberIds = new Set(view.log?.members?.map((member) => member.user_id));
      return <AddPeopleDialog room={room} title={title} memberIds={memberIds} onClose={onClose} />;
    }
    case "pins":
      return <PinsDialog roomId={room.id} mayPin={mayPin} onShow={goTo} onClose={onClose} />;
    case "notify":
      return mine && <NotifyDialog mine={mine} title={title} onClose={onClose} />;
    case "invite":
      return <InviteDialog room={room} onClose={onClose} />;
    case "leave":
      return <LeaveRoomDialog room={room} title={title} onDone={toList} onClose={onClose} />;
    case "archive":
      return <ArchiveRoomDialog room={room} onDone={onClose} onClose={onClose} />;
    case "delete":
      return <DeleteRoomDialog room={room} onDone={toList} onClose={onClose} />;
    case "remove":
      return <RemoveMemberDialog room={room} member={dialog.member} onClose={onClose} />;
    case "role":
      return <RoleDialog room={room} member={dialog.member} onClose={onClose} />;
    case "hand-over":
      return <HandOverDialog room={room} member={dialog.member} onClose={onClose} />;
    default:
      return dialog satisfies never;
  }
}
