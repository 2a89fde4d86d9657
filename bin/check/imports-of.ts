import { posix } from "node:path";
import type { Source } from "./sources.ts";

export interface Import {
  /** As it is written. */
  text: string;
  typeOnly: boolean;
  to: { kind: "file"; path: string } | { kind: "package"; name: string } | { kind: "platform"; name: string };
}

/** What a file imports, null if it is no TypeScript. The transpiler forgets types, so those are read from the text. */
export function importsOf(source: Source): Import[] | null {
  const found = new Map<string, boolean>();
  const note = (text: string, typeOnly: boolean) => found.set(text, typeOnly && (found.get(text) ?? true));
  for (const [, type, text] of source.text.matchAll(written)) if (text) note(text, type !== undefined);
  const values = scan(source);
  if (values === null) return null;
  for (const text of values) note(text, false);
  return [...found].map(([text, typeOnly]) => ({ text, typeOnly, to: target(source.path, text) }));
}

const written = /^[ \t]*(?:import|export)\s+(type\s+)?(?:(?:[\w$]+|\*|\{)[\w\s{},*$]*?\bfrom\s+)?["']([^"'\n]+)["']/gm;

function scan({ path, text }: Source): string[] | null {
  try {
    return (path.endsWith("x") ? tsx : ts).scanImports(text).map((found) => found.path);
  } catch {
    return null;
  }
}

const ts = new Bun.Transpiler({ loader: "ts" });
const tsx = new Bun.Transpiler({ loader: "tsx" });

function target(from: string, text: string): Import["to"] {
  if (text.startsWith("#")) return { kind: "file", path: text.slice(1) };
  if (text.startsWith(".")) return { kind: "file", path: posix.join(posix.dirname(from), text) };
  if (/^(node|bun):/.test(text) || text === "bun") return { kind: "platform", name: text };
  return { kind: "package", name: text.split("/", text.startsWith("@") ? 2 : 1).join("/") };
}
