import { resolve } from "node:path";
import type { Source } from "./source.ts";
import { openSqliteSource } from "./sqlite-source.ts";

/** SOURCE as an operator writes it: a path, or the address that the other system's DATABASE_URL held. */
export function openSource(words: string): Source {
  const sqlite = /^sqlite(?:\+\w+)?:\/\/\/?(.+)$/.exec(words);
  if (sqlite?.[1]) return openSqliteSource(resolve(sqlite[1]));
  const scheme = /^([a-z][a-z0-9+]*):\/\//i.exec(words)?.[1];
  if (scheme) throw new Error(`Databases of the kind ${scheme} cannot be imported yet; a SQLite file can.`);
  return openSqliteSource(resolve(words));
}
