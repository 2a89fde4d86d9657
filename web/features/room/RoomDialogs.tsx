import { lazy, Suspense } from "react";
import { useLocation } from "wouter";
import type { RoomView } from "#client/chat.ts";
import type { Member, Room } from "#shared/models.ts";

export type RoomDialog = "change" | "add" | "leave" | "delete" | { readonly remove: Member };

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

const RemoveMemberDialog = lazy(() =>
  import("#web/features/rooms/ConfirmDialog.tsx").then((module) => ({ default: module.RemoveMemberDialog })),
);

interface RoomDialogsProps {
  dialog: RoomDialog;
  room: Room;
  view: RoomView;
  onClose: () => void;
}

export function RoomDialogs(props: RoomDialogsProps) {
  return (
    <Suspense>
      <Chosen {...props} />
    </Suspense>
  );
}

function Chosen({ dialog, room, view, onClose }: RoomDialogsProps) {
  const [, go] = useLocation();
  const toList = () => go("/chat", { replace: true });
  if (typeof dialog === "object") return <RemoveMemberDialog room={room} member={dialog.remove} onClose={onClose} />;
  switch (dialog) {
    case "change":
      return <ChangeRoomDialog room={room} onClose={onClose} />;
    case "add": {
      const memberIds = new Set(view.log?.members?.map((member) => member.user_id));
      return <AddPeopleDialog room={room} memberIds={memberIds} onClose={onClose} />;
    }
    case "leave":
      return <LeaveRoomDialog room={room} onDone={toList} onClose={onClose} />;
    case "delete":
      return <DeleteRoomDialog room={room} onDone={toList} onClose={onClose} />;
    default:
      return dialog satisfies never;
  }
}
