export const MOVING_USAGE = `parlour backup TO [--force]
  writes everything into the folder TO, while the server runs or not
  --force       takes the place of the backup that is there
parlour restore FROM [--replace]
  puts a backup in the place that DATA_DIR and DATABASE_URL name; the server must not run
  --replace     takes the place of what is there, which is kept beside it
parlour db copy --to DATABASE [--from DATABASE]
  moves everything from one database to the other, sqlite:FILE and postgresql://…; without --from, from the one that is
  set. The server answers reads meanwhile. After an end halfway, the same words go on with it
`;

export type MovingWords =
  | { verb: "backup"; to: string; force: boolean }
  | { verb: "restore"; from: string; replace: boolean }
  | { verb: "copy"; from: string | null; to: string };

/** Words from `backup`, `restore` or `db` on, or what is wrong with them. */
export function readMovingWords(words: readonly string[]): MovingWords | { fault: string } {
  const [verb, ...rest] = words;
  switch (verb) {
    case "backup": {
      const read = readWords(rest, ["--force"], []);
      if ("fault" in read) return read;
      return read.plain === null ? { fault: "Name a folder." } : { verb, to: read.plain, force: read.flags.size > 0 };
    }
    case "restore": {
      const read = readWords(rest, ["--replace"], []);
      if ("fault" in read) return read;
      if (read.plain === null) return { fault: "Name the backup's folder." };
      return { verb, from: read.plain, replace: read.flags.size > 0 };
    }
    default: {
      if (rest[0] !== "copy") return { fault: "`parlour db` knows copy." };
      const read = readWords(rest.slice(1), [], ["--from", "--to"]);
      if ("fault" in read) return read;
      if (read.plain !== null) return { fault: `${read.plain}: write --from DATABASE --to DATABASE.` };
      const to = read.values.get("--to");
      return to === undefined
        ? { fault: "Say --to DATABASE." }
        : { verb: "copy", from: read.values.get("--from") ?? null, to };
    }
  }
}

interface ReadWords {
  plain: string | null;
  flags: ReadonlySet<string>;
  values: ReadonlyMap<string, string>;
}

function readWords(
  words: readonly string[],
  flags: readonly string[],
  values: readonly string[],
): ReadWords | { fault: string } {
  const found = { plain: null as string | null, flags: new Set<string>(), values: new Map<string, string>() };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const [, name = word, inside] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (flags.includes(word)) found.flags.add(word);
    else if (values.includes(name)) {
      const value = inside ?? words[++at];
      if (value === undefined) return { fault: `${name} what?` };
      found.values.set(name, value);
    } else if (word.startsWith("--")) return { fault: `There is no ${word}.` };
    else if (found.plain !== null) return { fault: `${word} is one too many.` };
    else found.plain = word;
  }
  return found;
}
