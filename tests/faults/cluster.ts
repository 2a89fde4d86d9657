import { parseArgs } from "node:util";
import { clusterSeason, type Spread } from "./cluster-season.ts";

/** As docs/promises.md says of what the bus loses (G4). */
const HEALED = 2_000;

/** Three nodes, and everything around them broken once, for so many minutes; judged in the end. */
if (import.meta.main) {
  const { values } = parseArgs({ options: { minutes: { type: "string", default: "1.5" } } });
  const minutes = Number(values.minutes);
  if (!(minutes >= 1)) {
    say(`--minutes is "${values.minutes}": it must be a number from 1 up.`);
    process.exit(2);
  }
  const season = await clusterSeason({
    seconds: minutes * 60,
    people: 200,
    rooms: 50,
    rate: 300,
    natsAway: 10,
    nodePaused: 20,
    say,
  });
  const { verdict, failures } = season.judgement;
  say(`${verdict.attempts} sends, ${verdict.acknowledged} acknowledged, ${verdict.received} messages heard`);
  say(`${season.removals} removals, nothing past any of them is expected`);
  say(`send to receive on another node, all well: ${told(season.calm)}`);
  say(`send to receive on another node, no bus: ${told(season.withoutBus)}`);
  if (season.withoutBus.most > HEALED)
    failures.push(`without the bus something was heard after ${season.withoutBus.most} ms`);
  for (const failure of failures.slice(0, 30)) say(`FAILED: ${failure}`);
  say(failures.length === 0 ? "all well" : `${failures.length} failures`);
  process.exit(failures.length === 0 ? 0 : 1);
}

function told({ count, p50, p99, most }: Spread): string {
  return `p50 ${p50} ms, p99 ${p99} ms, longest ${most} ms, of ${count}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
