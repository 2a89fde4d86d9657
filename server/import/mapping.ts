import { plain } from "./rules.ts";
import type { Source } from "./source.ts";

/** What Parlour takes, and under which names the other systems keep it: the first one that is there counts. */
export const CANDIDATES = {
  users: {
    tables: ["users", "user", "accounts", "account"],
    columns: {
      id: ["id", "user_id"],
      username: ["username", "user_name", "name", "login"],
      password: ["hashed_password", "password_hash", "password"],
      email: ["email", "email_address"],
      role: ["role", "user_role", "is_admin", "is_superuser"],
      created_at: ["created_at", "created", "date_joined", "registered_at"],
      active: ["is_active", "active"],
    },
    needed: ["id", "username", "password"],
  },
  rooms: {
    tables: ["chat_rooms", "rooms", "room", "chat_room", "chatrooms"],
    columns: {
      id: ["id", "room_id"],
      name: ["name", "room_name", "title"],
      description: ["description", "topic"],
      maker: ["created_by", "created_by_id", "creator_id", "owner_id", "admin_id", "user_id"],
      created_at: ["created_at", "created", "timestamp"],
      private: ["is_private", "private"],
    },
    needed: ["id", "name"],
  },
  messages: {
    tables: ["messages", "message", "chat_messages", "chat_message"],
    columns: {
      id: ["id", "message_id"],
      content: ["content", "message", "text", "body"],
      user: ["user_id", "sender_id", "author_id", "username", "sender", "author", "user"],
      room: ["room_id", "chat_room_id", "chatroom_id", "room_name", "room"],
      time: ["timestamp", "created_at", "sent_at"],
      deleted: ["is_deleted", "deleted", "deleted_at"],
    },
    needed: ["id", "content", "user", "room"],
  },
  members: {
    tables: ["room_members", "chat_room_members", "room_users", "user_rooms", "users_rooms", "memberships", "members"],
    columns: {
      user: ["user_id", "member_id"],
      room: ["room_id", "chat_room_id", "chatroom_id"],
    },
    needed: ["user", "room"],
  },
} as const satisfies Record<string, Shape>;

interface Shape {
  tables: readonly string[];
  columns: Record<string, readonly string[]>;
  needed: readonly string[];
}

export type Part = keyof typeof CANDIDATES;

export interface Table {
  readonly name: string;
  /** What Parlour calls it → what the table calls it. What is not there is left out. */
  readonly columns: Record<string, string>;
}

/**
 * People and messages must be there. Where there is no table of rooms each room that a message names is one; lists of
 * members are for those systems that have them.
 */
export interface Mapping {
  readonly users: Table;
  readonly rooms: Table | null;
  readonly messages: Table;
  readonly members: Table | null;
}

/** Words after `--map`: `users=people`, `users.password=pw`; an empty name leaves a column out. */
export type Given = ReadonlyMap<string, string>;

export async function findMapping(source: Source, given: Given): Promise<Mapping> {
  refuseUnknown(given);
  const there = await source.tables();
  if (there.includes("schema_versions") && there.includes("visible_ranges")) {
    throw new Error(`${source.place} is a database of Parlour itself. To move one, copy its data folder.`);
  }
  return {
    users: await table(source, there, "users", given),
    rooms: isWanted(there, "rooms", given) ? await table(source, there, "rooms", given) : null,
    messages: await table(source, there, "messages", given),
    members: await membersTable(source, there, given),
  };
}

function refuseUnknown(given: Given): void {
  for (const key of given.keys()) {
    const [part = "", column] = key.split(".");
    const shape: Shape | undefined = Object.hasOwn(CANDIDATES, part) ? CANDIDATES[part as Part] : undefined;
    if (shape && (column === undefined || Object.hasOwn(shape.columns, column))) continue;
    const known = shape ? Object.keys(shape.columns).map((name) => `${part}.${name}`) : Object.keys(CANDIDATES);
    throw new Error(`--map ${key}: there is no such thing to map. There are ${known.join(", ")}.`);
  }
}

async function membersTable(source: Source, there: readonly string[], given: Given): Promise<Table | null> {
  if (!isWanted(there, "members", given)) return null;
  try {
    return await table(source, there, "members", given);
  } catch (error) {
    if (given.has("members")) throw error;
    return null;
  }
}

/** Named, or there under one of its names; an empty name leaves it out. */
function isWanted(there: readonly string[], part: Part, given: Given): boolean {
  if (given.has(part)) return given.get(part) !== "";
  return CANDIDATES[part].tables.some((name) => found(there, name));
}

async function table(source: Source, there: readonly string[], part: Part, given: Given): Promise<Table> {
  const shape: Shape = CANDIDATES[part];
  const wanted = given.get(part);
  const candidates = wanted === undefined ? shape.tables : [wanted];
  const name = candidates.map((candidate) => found(there, candidate)).find((known) => known !== undefined);
  if (name === undefined) {
    throw new Error(
      `No table of ${part} is there: looked for ${candidates.join(", ")}; there are ${there.map(plain).join(", ") || "none"}. Name it: --map ${part}=TABLE`,
    );
  }
  return { name, columns: columnsOf(part, name, await source.columns(name), given) };
}

function columnsOf(part: Part, table: string, there: readonly string[], given: Given): Record<string, string> {
  const shape: Shape = CANDIDATES[part];
  const columns: Record<string, string> = {};
  for (const [ours, names] of Object.entries(shape.columns)) {
    const wanted = given.get(`${part}.${ours}`);
    if (wanted === "" && !shape.needed.includes(ours)) continue;
    const candidates = wanted === undefined ? names : [wanted];
    const theirs = candidates.map((candidate) => found(there, candidate)).find((known) => known !== undefined);
    if (theirs !== undefined) columns[ours] = theirs;
    else if (wanted !== undefined || shape.needed.includes(ours)) {
      throw new Error(
        `The table ${plain(table)} has no column for ${part}.${ours}: looked for ${candidates.join(", ")}; it has ${there.map(plain).join(", ")}. Name it: --map ${part}.${ours}=COLUMN`,
      );
    }
  }
  return columns;
}

function found(there: readonly string[], name: string): string | undefined {
  return there.find((known) => known === name) ?? there.find((known) => known.toLowerCase() === name.toLowerCase());
}
