import type { Invite } from "#shared/contract/invites.ts";
import { shortTime } from "./show-time.ts";

/** For whom an invite is, by whom, and what is left of it. */
export function InviteFacts({ invite: { guest, made_by, uses, uses_most, expires_at } }: { invite: Invite }) {
  return (
    <>
      {guest ? "For guests, by" : "By"} <bdi>{made_by.username}</bdi>, used {uses}
      {uses_most !== null && ` of ${uses_most}`} times
      {expires_at !== null && `, until ${shortTime(expires_at)}`}
    </>
  );
}
