import { resolve } from "node:path";
import { parseConfig } from "../config.ts";
import { openPostgresSource } from "./postgres-source.ts";
import type { Source } from "./source.ts";
import { openSqliteSource } from "./sqlite-source.ts";

/** SOURCE as an operator writes it: a path, or the address that the other system's DATABASE_URL held. */
export async function openSource(words: string): Promise<Source> {
  const scheme = /^([a-z][a-z0-9]*)(?:\+\w+)?:\/\//i.exec(words)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return openSqliteSource(resolve(words));
    case "sqlite":
      return openSqliteSource(resolve(words.replace(/^[^/]*\/\/\/?/, "")));
    case "postgres":
    case "postgresql": {
      const { database } = parseConfig({ DATABASE_URL: words });
      if (database.kind === "postgres") return openPostgresSource(database.address);
    }
  }
  throw new Error(`Databases of the kind ${scheme} cannot be imported; SQLite and PostgreSQL can.`);
}
