import { mayCreateRoom } from "#shared/permissions.ts";
import { useHouse } from "./house.ts";
import { useServerInfo } from "./server-info.ts";

/** Whether this person may make rooms on this server. Until its settings are known, whoever may make some. */
export function useMayCreateRoom(): boolean {
  const { user } = useHouse();
  const info = useServerInfo();
  return mayCreateRoom(user.role, info?.room_creation ?? "everyone");
}
