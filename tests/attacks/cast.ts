import { logIn } from "#tests/api/ask.ts";
import { type Person, people } from "#tests/support/people.ts";
import type { TestServer } from "#tests/support/start-server.ts";

/** What a person can be to a room. The first account of the server is its admin, and is in none of the rooms. */
export const STANDINGS = ["stranger", "left", "removed", "member", "room admin", "server admin"] as const;
export type Standing = (typeof STANDINGS)[number];
export const KINDS = ["public", "private"] as const;
export type Kind = (typeof KINDS)[number];

export interface Cast {
  readonly persons: Readonly<Record<Standing, Person>>;
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
  const { access_token: revoked } = await logIn(server.url, extra);
  const answer = await fetch(`${server.url}/api/v1/logout`, {
    method: "POST",
    headers: { authorization: `Bearer ${revoked}` },
  });
  if (answer.status !== 204) throw new Error("The session did not end.");
  const persons = { stranger, left, removed, member, "room admin": owner, "server admin": admin };
  return { persons, extra, revoked };
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
