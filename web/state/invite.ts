import { call } from "#client/call.ts";
import { systemClock } from "#client/clock.ts";
import type { InviteLook, InviteUsed } from "#shared/contract/invites.ts";
import type { RoomList } from "#shared/contract/rooms.ts";

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

/** Where an account begins that an invite has just made: in the first room that it was brought into. */
export async function placeOfNew(accessToken: string): Promise<string> {
  const { items } = (await call(caller(), "GET", "/api/v1/rooms?mine=true&limit=1", {
    token: accessToken,
  })) as RoomList;
  return placeIn(items[0]?.id);
}

export function placeIn(roomId: number | undefined): string {
  return roomId === undefined ? "/chat" : `/chat/${roomId}`;
}

function caller() {
  return { base: location.origin, fetch: (url: string, init?: RequestInit) => fetch(url, init), clock: systemClock };
}

function post(path: string, token: string, accessToken: string | undefined): Promise<unknown> {
  return call(caller(), "POST", `/api/v1/invite-link/${path}`, {
    body: { token },
    ...(accessToken === undefined ? {} : { token: accessToken }),
  });
}
