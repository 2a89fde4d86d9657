import { parseArgs } from "node:util";
import { type Season, season } from "./season.ts";

const KILLS_IN_A_SEASON = 10;

/** Kills the server in the middle of floods, for so many minutes or so many times, and judges what is left each time. */
if (import.meta.main) {
  const { values } = parseArgs({ options: { minutes: { type: "string" }, kills: { type: "string" } } });
  const most = wish("kills", values.kills) ?? Number.POSITIVE_INFINITY;
  const minutes = wish("minutes", values.minutes) ?? (values.kills === undefined ? 1 : Number.POSITIVE_INFINITY);
  process.exit((await campaign(most, performance.now() + minutes * 60_000)) ? 0 : 1);
}

async function campaign(most: number, end: number): Promise<boolean> {
  const isOver = () => performance.now() > end;
  const sum = { kills: 0, sends: 0, askedAgain: 0, failed: 0 };
  for (let at = 1; sum.kills < most && !isOver(); at++) {
    try {
      const done = await season({ kills: Math.min(KILLS_IN_A_SEASON, most - sum.kills), isOver });
      const { failures, verdict } = done.judgement;
      sum.kills += done.kills;
      sum.sends += verdict.attempts;
      sum.askedAgain += done.askedAgain;
      sum.failed += failures.length;
      say(`season ${at}: ${told(done)}`);
      for (const failure of failures) say(`  FAILED: ${failure}`);
    } catch (error) {
      sum.failed += 1;
      say(`season ${at} did not come to its end: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
      break;
    }
  }
  if (sum.kills === 0 && sum.failed === 0) sum.failed = 1;
  const { kills, sends, askedAgain, failed } = sum;
  say(`kills ${kills}, sends ${sends} (acknowledged ${sends - askedAgain}, unknown ${askedAgain}), ${failed} failed`);
  return failed === 0;
}

function told({ kills, unanswered, judgement: { verdict, failures } }: Season): string {
  return [
    `${kills} kills with ${unanswered} sends unanswered`,
    `${verdict.attempts} sends, ${verdict.received} messages heard`,
    failures.length === 0 ? "all well" : `${failures.length} failures`,
  ].join(", ");
}

function wish(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const number = Number(text);
  if (number > 0) return number;
  say(`--${name} is "${text}": it must be a number above 0.`);
  process.exit(2);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
