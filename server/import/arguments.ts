export interface ImportWords {
  readonly source: string;
  readonly isDry: boolean;
  readonly asNew: boolean;
  readonly map: ReadonlyMap<string, string>;
  readonly admins: readonly string[];
}

export const IMPORT_USAGE = `parlour import SOURCE [--dry-run] [--map users.password=pw …] [--admin NAME …] [--as-new]
  SOURCE        a SQLite file, as a path or as sqlite:///path, or a PostgreSQL as postgresql://…
  --dry-run     shows what would be read and changed, and writes nothing
  --map A=B     where the other system keeps A: users=people (a table), users.password=pw (a column)
  --admin NAME  an administrator there who is one here too
  --as-new      another source than the one that was imported from the same place before
`;

/** Words after `parlour import`, or what is wrong with them. */
export function readArguments(words: readonly string[]): ImportWords | { fault: string } {
  const map = new Map<string, string>();
  const admins: string[] = [];
  const sources: string[] = [];
  let isDry = false;
  let asNew = false;
  let taking: "map" | "admin" | null = null;
  for (const word of words) {
    const [, flag, value] = /^--(dry-run|as-new|map|admin)(?:=(.*))?$/s.exec(word) ?? [];
    if (flag === undefined && word.startsWith("--")) return { fault: `There is no ${word}.` };
    if (flag === "dry-run") isDry = true;
    else if (flag === "as-new") asNew = true;
    if (flag !== undefined) taking = flag === "map" || flag === "admin" ? flag : null;
    const given = flag === undefined ? word : value;
    if (given === undefined) continue;
    if (taking === "map" && (flag !== undefined || given.includes("="))) {
      const [, key, name] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
      if (key === undefined || name === undefined) return { fault: `--map ${given}: write it as users.password=pw.` };
      map.set(key, name);
    } else if (taking === "admin") {
      admins.push(given);
      taking = null;
    } else sources.push(given);
  }
  const [source, ...rest] = sources;
  if (source === undefined) return { fault: "Name what to import." };
  if (rest.length > 0) return { fault: `One source at a time: ${sources.join(", ")}.` };
  return { source, isDry, asNew, map, admins };
}
