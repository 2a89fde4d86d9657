import { parseArgs } from "node:util";

/** Kills the server in the middle of a flood, again and again, and judges what is left of it. */
if (import.meta.main) {
  const { values } = parseArgs({ options: { minutes: { type: "string" }, kills: { type: "string" } } });
  console.error(`Not written yet: ${JSON.stringify(values)}`);
  process.exit(1);
}
