import { readSources, type Source } from "./sources.ts";

/** Rules of docs/protocol.md that no test quotes, rules that tests quote but nobody wrote, and numbers that two rules have. */
export function protocolFaults(page: string, sources: readonly Source[]): string[] {
  const written = Array.from(page.matchAll(/^\s*- \*\*([A-Z]\d+)\*\*/gm), ([, rule]) => rule ?? "");
  const rules = new Set(written);
  const quoted = new Map<string, string>();
  for (const { path, text } of sources) {
    if (!/\.test\.tsx?$/.test(path) || !/^(tests|client|shared)\//.test(path)) continue;
    for (const rule of quotedRules(text)) quoted.set(rule, path);
  }
  return [
    ...(rules.size === 0 ? ["docs/protocol.md has no rules"] : []),
    ...[...rules]
      .filter((rule) => written.indexOf(rule) !== written.lastIndexOf(rule))
      .map((rule) => `${rule}: two rules have this number`),
    ...[...rules].filter((rule) => !quoted.has(rule)).map((rule) => `${rule}: no test quotes it`),
    ...[...quoted]
      .filter(([rule]) => !rules.has(rule))
      .map(([rule, path]) => `${rule}: ${path} quotes it, it is no rule`),
  ];
}

/** A rule counts when it stands in the name of a test, not in a comment or a body. */
function quotedRules(text: string): string[] {
  const names = text.matchAll(
    /\b(?:test|it|describe)(?:\.each\([^)]*\))?\(\s*(?:"([^"\n]*)"|'([^'\n]*)'|`([^`\n]*)`)/g,
  );
  return Array.from(names, ([, ...name]) => name.join("")).flatMap((name) =>
    Array.from(name.matchAll(/\[((?:[A-Z]\d+)(?:,\s*[A-Z]\d+)*)\]/g)).flatMap(
      ([, rules]) => rules?.split(/,\s*/) ?? [],
    ),
  );
}

if (import.meta.main) {
  const page = await Bun.file(`${import.meta.dir}/../../docs/protocol.md`).text();
  const faults = protocolFaults(page, await readSources());
  for (const fault of faults) console.error(fault);
  console.log(`${faults.length} rules and tests of docs/protocol.md do not meet`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
