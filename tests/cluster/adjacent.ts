import { parseArgs } from "node:util";
import { checkOut, commitBeforeSchema } from "./check-out.ts";
import { rollingUpdate } from "./rolling-update.ts";

/** The version of a commit is replaced by this one, node by node, while people talk; judged in the end. */
if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true });
  const other = await checkOut(positionals[0] ?? (await commitBeforeSchema()));
  try {
    say(`from ${other.commit} (schema ${other.schema}) to what stands here`);
    const { acknowledged, received, resumed, removals, failures } = await rollingUpdate(other, say);
    say(
      `${acknowledged} sends acknowledged, ${received} messages heard, ${removals} removals, ${resumed} lines came back`,
    );
    for (const failure of failures.slice(0, 30)) say(`FAILED: ${failure}`);
    say(failures.length === 0 ? "all well" : `${failures.length} failures`);
    process.exitCode = failures.length === 0 ? 0 : 1;
  } finally {
    other.remove();
  }
  process.exit();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
