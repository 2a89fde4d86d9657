import type { Mapping, Part, Table } from "./mapping.ts";
import { type Cell, idOf, type Source, type SourceRow, textOf } from "./source.ts";

/** The other system's rows by what Parlour calls their columns. */
export interface Reading {
  readonly source: Source;
  readonly mapping: Mapping;
}

const PAGE = 5_000;

export function pages({ source, mapping }: Reading, part: Part, after: number | null): AsyncGenerator<SourceRow[]> {
  const table = mapping[part] as Table;
  return source.pages(table.name, { columns: table.columns, id: table.columns.id ?? "id", after, size: PAGE });
}

/** The rooms; where there is no table of them, those that messages name. */
export async function roomRows(reading: Reading): Promise<SourceRow[]> {
  if (reading.mapping.rooms) return allRows(reading, "rooms");
  const named = await distinct(reading, "messages", ["room"]);
  return named.flatMap(([room = null]) => (idOf(room) === null ? [] : [{ id: room, name: room }]));
}

export async function allRows(reading: Reading, part: Part): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const page of pages(reading, part, null)) rows.push(...page);
  return rows;
}

export function has({ mapping }: Reading, part: Part): (column: string) => boolean {
  return (column) => Object.hasOwn(mapping[part]?.columns ?? {}, column);
}

export async function distinct({ source, mapping }: Reading, part: Part, columns: string[]): Promise<Cell[][]> {
  const table = mapping[part];
  if (table === null) return [];
  return source.distinct(
    table.name,
    columns.map((column) => table.columns[column] as string),
  );
}

/**
 * What tells one source from another, wherever its file lies: its first user and its first message. They stay while it
 * grows; what could change in them is left out.
 */
export async function printsOf(reading: Reading): Promise<{ usersPrint: string; messagesPrint: string | null }> {
  const [user] = await firstRows(reading, "users");
  const [message] = await firstRows(reading, "messages");
  const { users, rooms, messages } = reading.mapping;
  const tables = [users.name, rooms?.name ?? null, messages.name];
  return {
    usersPrint: hash([...tables, idOf(user?.id), textOf(user?.username), textOf(user?.created_at)]),
    messagesPrint: message
      ? hash([idOf(message.id), idOf(message.user), idOf(message.room), textOf(message.time), textOf(message.content)])
      : null,
  };
}

async function firstRows({ source, mapping }: Reading, part: "users" | "messages"): Promise<SourceRow[]> {
  const { name, columns } = mapping[part];
  for await (const rows of source.pages(name, { columns, id: columns.id ?? "id", after: null, size: 1 })) return rows;
  return [];
}

function hash(parts: readonly (string | null)[]): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(parts)).digest("hex");
}
