import { join } from "node:path";
import { runAll } from "./check/run-all.ts";
import { everything, notYetThere, quick } from "./check/steps.ts";

const plan = process.argv.includes("--all") ? everything : quick;
await runAll({ root: join(import.meta.dir, ".."), notYetThere, patience: 10_000, ...plan });
