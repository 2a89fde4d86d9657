import { askApi, logIn } from "#tests/api/ask.ts";
import { type Person, people } from "#tests/support/people.ts";
import type { TestServer } from "#tests/support/start-server.ts";

/** What a person can be to a room. The first account of the server is its admin, and is in none of the rooms. */
export const STANDINGS = ["stranger", "left", "removed", "member", "room admin", "server admin"] as const;
export type Standing = (typeof STANDINGS)[number];
export const KINDS = ["public", "private"] as const;
export type Kind = (typeof KINDS)[number];

export const GUEST_STANDINGS = ["stranger", "left", "removed", "member"] as const;
export type GuestStanding = (typeof GUEST_STANDINGS)[number];

export interface Cast {
  readonly persons: Readonly<Record<Standing, Person>>;
  /** Guests of the house, by what they are to a scene's room once `seatGuests` was called. */
  readonly guests: Readonly<Record<GuestStanding, Person>>;
  /** Somebody who is nowhere, for others to add. */
  readonly extra: Person;
  /** A token whose session has ended. */
  readonly revoked: string;
}

export interface Scene {
  readonly room: number;
  /** Written after everybody had come and before somebody was removed or left. */
  readonly message: number;
}

export async function assemble(server: TestServer): Promise<Cast> {
  const [admin, owner, member, left, removed, stranger, extra] = await people(
    server.url,
    "server admin",
    "room admin",
    "member",
    "left",
    "removed",
    "stranger",
    "extra",
  );
  const guests = await people(server.url, "guest", "guest who left", "guest removed", "guest member");
  for (const { id } of guests) {
    const args = { userId: id, role: "guest", sessionId: await sessionOf(server, admin) } as const;
    await server.store.write("change-user", { userId: admin.id }, args);
  }
  const [strange, gone, out, inside] = guests;
  const { access_token: revoked } = await logIn(server.url, extra);
  const answer = await fetch(`${server.url}/api/v1/logout`, {
    method: "POST",
    headers: { authorization: `Bearer ${revoked}` },
  });
  if (answer.status !== 204) throw new Error("The session did not end.");
  const persons = { stranger, left, removed, member, "room admin": owner, "server admin": admin };
  return { persons, guests: { stranger: strange, left: gone, removed: out, member: inside }, extra, revoked };
}

async function sessionOf(server: TestServer, by: Person): Promise<string> {
  const answer = await askApi(server.url, "GET", "/me/sessions", { token: await by.token() });
  return (answer.body as { items: { id: string }[] }).items[0]?.id ?? "";
}

/** Puts the guests in their places in the room. */
export async function seatGuests({ store }: TestServer, { persons, guests }: Cast, room: number): Promise<void> {
  const by = { userId: persons["room admin"].id };
  const userIds = [guests.left.id, guests.removed.id, guests.member.id];
  await store.write("add-members", by, { roomId: room, userIds });
  await store.write("leave-room", { userId: guests.left.id }, { roomId: room });
  await store.write("remove-member", by, { roomId: room, userId: guests.removed.id });
}

let scenes = 0;

/** A new room with everybody in their place. By the store and not by the addresses that are asked. */
export async function setScene({ store }: TestServer, { persons }: Cast, kind: Kind): Promise<Scene> {
  const { member, left, removed } = persons;
  const by = { userId: persons["room admin"].id };
  scenes += 1;
  const args = { name: `scene ${scenes}`, kind, setting: "everyone" } as const;
  const { id: room } = await store.write("create-room", by, args);
  await store.write("add-members", by, { roomId: room, userIds: [member.id, left.id, removed.id] });
  const { id: message } = await persons["room admin"].api.sendMessage(room, { content: "words" });
  await store.write("leave-room", { userId: left.id }, { roomId: room });
  await store.write("remove-member", by, { roomId: room, userId: removed.id });
  return { room, message };
}
