import { Link } from "wouter";
import { errors } from "#shared/errors.ts";
import { useTitle } from "#web/state/title.ts";
import { EmptyState } from "#web/ui/EmptyState.tsx";

export function RoomClosed({ why }: { why: "removed" | "not_found" | "forbidden" }) {
  useTitle("No such room");
  return (
    <EmptyState
      title={why === "removed" ? "You are not in this room any more" : "This room is not here"}
      text={
        why === "removed"
          ? errors.removed.detail
          : "It may have been deleted, or it is private and you are not one of its members."
      }
    >
      <Link href="/chat/rooms">Browse the public rooms</Link>
    </EmptyState>
  );
}
