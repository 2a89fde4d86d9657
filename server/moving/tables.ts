export type Kind = "number" | "text";

/** A table as it is carried from place to place. Both databases agree on the order of the key. */
export interface Table {
  readonly name: string;
  readonly key: readonly string[];
  /** The key's first, the others by their names: the same list whichever database it was read from. */
  readonly columns: readonly Column[];
  /** Tables whose rows these rows name. */
  readonly names: readonly string[];
}

export interface Column {
  readonly name: string;
  readonly kind: Kind;
}

export type Cell = string | number | null;
export type Row = readonly Cell[];

/** What is hashed and what a backup holds: the same text wherever the row stands. */
export function textOf(row: Row): string {
  return `${JSON.stringify(row)}\n`;
}

/** The key's columns stand first. */
export function keyOf(table: Table, row: Row): Cell[] {
  return row.slice(0, table.key.length);
}

/** What a database says about its columns: one entry a column. */
export interface FoundColumn {
  table: string;
  name: string;
  type: string;
  /** From 1; 0 outside the key. */
  key: number;
}

/**
 * Read from the database and not listed here: a table that somebody adds tomorrow is carried too. In an order in which
 * rows come after those that they name.
 */
export function tablesFrom(found: readonly FoundColumn[], names: readonly { table: string; other: string }[]): Table[] {
  const waiting = [...new Set(found.map(({ table }) => table))]
    .filter((name) => name !== "schema_versions")
    .sort()
    .map((name) => tableFrom(name, found, names));
  const ordered: Table[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex((table) => table.names.every((name) => !waiting.some((each) => each.name === name)));
    if (next < 0) throw new Error(`Tables name each other in a circle: ${waiting.map(({ name }) => name).join(", ")}.`);
    ordered.push(...waiting.splice(next, 1));
  }
  return ordered;
}

function tableFrom(
  name: string,
  found: readonly FoundColumn[],
  names: readonly { table: string; other: string }[],
): Table {
  const columns = found.filter(({ table }) => table === name);
  const key = columns.filter((column) => column.key > 0).sort((a, b) => a.key - b.key);
  if (key.length === 0) throw new Error(`The table ${name} has no key to carry its rows in the order of.`);
  const others = columns.filter((column) => column.key === 0).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    name,
    key: key.map((column) => column.name),
    columns: [...key, ...others].map((column) => ({ name: column.name, kind: kindOf(column) })),
    names: [
      ...new Set(names.filter(({ table, other }) => table === name && other !== name).map(({ other }) => other)),
    ].sort(),
  };
}

function kindOf({ table, name, type }: FoundColumn): Kind {
  if (/^(integer|bigint)$/i.test(type)) return "number";
  if (/^text$/i.test(type)) return "text";
  throw new Error(`The column ${name} of ${table} is of a kind that cannot be carried: ${type}.`);
}
