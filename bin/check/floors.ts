import { Database } from "bun:sqlite";

/** What must not be older than a known fault in it. */
const floors = {
  SQLite: "3.51.3",
  ws: "8.21.1",
};

/** Parts whose version is below its floor. */
export function floorFaults(
  versions: Readonly<Record<string, string>>,
  least: Readonly<Record<string, string>> = floors,
) {
  return Object.entries(least)
    .filter(([part, floor]) => !reaches(versions[part] ?? "", floor))
    .map(([part, floor]) => `${part} is ${versions[part] ?? "not there"}, at least ${floor} is needed`);
}

function reaches(version: string, floor: string): boolean {
  return /^\d+\.\d+\.\d+$/.test(version) && Bun.semver.order(version, floor) >= 0;
}

if (import.meta.main) {
  const sqlite = new Database(":memory:").query<{ version: string }, []>("select sqlite_version() as version").get();
  const ws = (await Bun.file(`${import.meta.dir}/../../node_modules/ws/package.json`).json()) as { version: string };
  const versions = { SQLite: sqlite?.version ?? "", ws: ws.version };
  const faults = floorFaults(versions);
  for (const fault of faults) console.error(fault);
  console.log(`SQLite ${versions.SQLite}, ws ${versions.ws}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
