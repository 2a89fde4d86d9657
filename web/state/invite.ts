import { call } from "#client/call.ts";
import { systemClock } from "#client/clock.ts";
import type { InviteLook, InviteUsed } from "#shared/contract/invites.ts";

let brought = "";

/**
 * The token behind the # of an invite's link, which reaches no server's log. It is remembered while the page stays, so
 * that the way over the login leads back to it, and is kept nowhere.
 */
export function invitedBy(hash: string): string {
  if (hash.length > 1) brought = hash.slice(1);
  return brought;
}

export function lookAtInvite(token: string): Promise<InviteLook> {
  return post("look", token, undefined) as Promise<InviteLook>;
}

export function takeInvite(token: string, accessToken: string): Promise<InviteUsed> {
  return post("use", token, accessToken) as Promise<InviteUsed>;
}

function post(path: string, token: string, accessToken: string | undefined): Promise<unknown> {
  const caller = {
    base: location.origin,
    fetch: (url: string, init?: RequestInit) => fetch(url, init),
    clock: systemClock,
  };
  return call(caller, "POST", `/api/v1/invite-link/${path}`, {
    body: { token },
    ...(accessToken === undefined ? {} : { token: accessToken }),
  });
}
