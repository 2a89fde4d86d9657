import { type Import, importsOf } from "./imports-of.ts";
import { readSources, type Source } from "./sources.ts";

/** Says which file may know which: the arrows of the folders, and what only one place may touch. */
export function importFaults(sources: readonly Source[], packages: Packages): string[] {
  return sources.flatMap((source) => {
    const imports = importsOf(source);
    if (imports === null) return [`${source.path}: does not parse`];
    const faults = [
      ...nameFaults(source),
      ...imports.flatMap((found) => importFault(source, found, packages)),
      ...textFaults(source),
    ];
    return faults.map((fault) => `${source.path}: ${fault}`);
  });
}

export interface Packages {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

type Folder = "shared" | "client" | "server" | "web" | "bin" | "bench" | "tests";

const mayImport: Record<Folder, readonly Folder[]> = {
  shared: ["shared"],
  client: ["client", "shared"],
  web: ["web", "client", "shared"],
  server: ["server", "shared"],
  bin: ["bin", "client", "server", "shared"],
  bench: ["bench", "bin", "client", "server", "shared"],
  tests: ["tests", "bench", "bin", "client", "server", "shared", "web"],
};

function nameFaults({ path }: Source): string[] {
  const found = /util|helper|manager|common/i.exec(path);
  return found === null ? [] : [`"${found[0]}" in a file's name: its idea has no name yet`];
}

function importFault(source: Source, found: Import, packages: Packages): string[] {
  switch (found.to.kind) {
    case "package":
      return packageFaults(source, found, found.to.name, packages);
    case "platform":
      return platformFaults(source, found.to.name);
    case "file":
      return fileFaults(source, found, found.to.path);
    default:
      return found.to satisfies never;
  }
}

function packageFaults(source: Source, found: Import, name: string, packages: Packages): string[] {
  const faults: string[] = [];
  const shipped = Object.hasOwn(packages.dependencies, name);
  if (!shipped && !Object.hasOwn(packages.devDependencies, name)) {
    faults.push(`imports ${name}, which package.json does not declare`);
  } else if (!shipped && !found.typeOnly && ["server", "shared"].includes(folderOf(source.path)) && !isTest(source)) {
    faults.push(`imports ${name}, which is a devDependency and not there in production`);
  }
  if (name === "kysely" && !writesSql(source)) faults.push(`imports kysely: only server/store and nouns write SQL`);
  if (/^(hono$|@hono\/)/.test(name) && layerOf(source.path) === "noun") faults.push(`a noun imports ${name}`);
  if (name === "zod" && !found.typeOnly && ["shared", "client", "web"].includes(folderOf(source.path))) {
    if (!holdsSchemas(source.path) && !isTest(source)) faults.push("imports zod, which must not reach the browser");
  }
  return faults;
}

function platformFaults(source: Source, name: string): string[] {
  const folder = folderOf(source.path);
  if (isTest(source)) return [];
  if (["shared", "client", "web"].includes(folder)) return [`${folder}/ imports ${name}`];
  if (name === "bun:sqlite" && folder !== "bin" && !writesSql(source))
    return ["imports bun:sqlite: only server/store and nouns write SQL"];
  return [];
}

function fileFaults(source: Source, found: Import, target: string): string[] {
  if (target === "package.json") return []; // the version stands there
  const from = folderOf(source.path);
  const to = folderOf(target);
  const hasName = !["bin", "bench"].includes(to); // package.json names no "#bin/" and no "#bench/"
  if (to !== from && hasName && !found.text.startsWith("#"))
    return [`"${found.text}" leaves ${from}/: write "#${target}"`];
  if (isTest(source)) return mayImport.tests.includes(to) ? [] : [`imports ${target}`];
  if (!mayImport[from].includes(to)) return [`${from}/ imports ${target}`];
  return [...schemaFaults(source, found, target), ...serverFaults(source, found, target), ...webFaults(source, target)];
}

function schemaFaults(source: Source, found: Import, target: string): string[] {
  const reachesBrowser = ["client", "web", "shared"].includes(folderOf(source.path)) && !holdsSchemas(source.path);
  if (!reachesBrowser || found.typeOnly || !holdsSchemas(target)) return [];
  return [`imports values of ${target}, which holds zod schemas: use "import type"`];
}

const rank = { edge: 3, noun: 2, store: 1 };

function serverFaults(source: Source, found: Import, target: string): string[] {
  const from = layerOf(source.path);
  if (from === null) return [];
  if (/^server\/(server|main)\.ts$/.test(target)) return [`imports ${target}, which composes it`];
  const to = layerOf(target);
  if (to === null || rank[to] <= rank[from]) return [];
  if (from === "store" && to === "noun" && (found.typeOnly || runsActions.test(source.path))) return [];
  return [`${from === "noun" ? "a noun" : from} imports ${target}: http, realtime -> nouns -> store, bus`];
}

/** The unit of the store is the action, so these two call the nouns' actions; the rest of it knows their types only. */
const runsActions = /^server\/store\/(actions|\w+\/writer)\.ts$/;

function webFaults(source: Source, target: string): string[] {
  const [, to] = /^web\/features\/([^/]+)\//.exec(target) ?? [];
  if (to === undefined) return [];
  const [, from] = /^web\/features\/([^/]+)\//.exec(source.path) ?? [];
  if (from !== undefined) {
    return from === to || from === "room" ? [] : [`feature ${from} imports feature ${to}: only room composes`];
  }
  return /^web\/[^/]+$/.test(source.path) ? [] : [`imports feature ${to}: features import it, not the other way`];
}

function textFaults(source: Source): string[] {
  const faults: string[] = [];
  const folder = folderOf(source.path);
  if (isTest(source) || folder === "tests" || folder === "bench") return faults;
  const code = source.text.replace(/^\s*(\/\/|\/?\*).*$/gm, "");
  const environment = /\bprocess\.env\b|\bBun\.env\b|\bimport\.meta\.env\b/.exec(code);
  if (environment !== null && folder !== "bin" && source.path !== "server/config.ts") {
    faults.push(`reads ${environment[0]}: only server/config.ts does`);
  }
  if (!writesSql(source) && sql.test(code)) {
    faults.push("writes SQL: only server/store and nouns do");
  }
  const socket = /\bServerWebSocket\b|\bBun\.serve\b|\bBun\.Server\b|\bWebSocketHandler\b/.exec(code);
  if (socket !== null && ["noun", "store"].includes(layerOf(source.path) ?? "")) {
    faults.push(`knows ${socket[0]}: nouns never know sockets`);
  }
  return faults;
}

const sql =
  /["'`]\s*(select\s[^"'`]*\sfrom\s|insert\s+(or\s+\w+\s+)?into\s|update\s+\w+\s+set\s|delete\s+from\s|create\s+(unique\s+)?(table|index)\s)/i;

function writesSql(source: Source): boolean {
  const layer = layerOf(source.path);
  return layer === "store" || layer === "noun" || isTest(source) || ["tests", "bench"].includes(folderOf(source.path));
}

function layerOf(path: string): "edge" | "noun" | "store" | null {
  const [, folder] = /^server\/([^/]+)\//.exec(path) ?? [];
  if (folder === undefined) return null;
  if (["http", "realtime", "compat", "cluster"].includes(folder)) return "edge";
  return ["store", "bus"].includes(folder) ? "store" : "noun";
}

function holdsSchemas(path: string): boolean {
  return /^shared\/(models|frames)\.ts$|^shared\/contract\//.test(path);
}

function isTest({ path }: Source): boolean {
  return /\.test\.tsx?$/.test(path);
}

function folderOf(path: string): Folder {
  return path.slice(0, path.indexOf("/")) as Folder; // readSources and importsOf yield paths in these folders only
}

if (import.meta.main) {
  const packages = (await Bun.file(`${import.meta.dir}/../../package.json`).json()) as Packages;
  const sources = await readSources();
  const faults = importFaults(sources, packages);
  for (const fault of faults) console.error(fault);
  console.log(`${sources.length} files, ${faults.length} wrong imports`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
