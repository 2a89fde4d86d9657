import { Link } from "wouter";
import { errors } from "#shared/errors.ts";
import { mayBrowse } from "#shared/permissions.ts";
import { useHouse } from "#web/state/house.ts";
import { useTitle } from "#web/state/title.ts";
import { EmptyState } from "#web/ui/EmptyState.tsx";

export function RoomClosed({ why }: { why: "removed" | "not_found" | "forbidden" }) {
  const { user } = useHouse();
  useTitle("No such room");
  return (
    <EmptyState
      title={why === "removed" ? "You are not in this room any more" : "This room is not here"}
      text={
        why === "removed"
          ? errors.removed.detail
          : mayBrowse(user.role)
            ? "It may have been deleted, or it is private and you are not one of its members."
            : "It may have been deleted, or you are not one of its members. Somebody who leads it can add you."
      }
    >
      {mayBrowse(user.role) && <Link href="/chat/rooms">Browse the public rooms</Link>}
    </EmptyState>
  );
}
