import { join } from "node:path";
import { parseArgs } from "node:util";
import { number } from "#server/import/rules.ts";
import { testPostgres } from "#tests/support/postgres.ts";
import { openAt } from "../store/open.ts";
import { furnish } from "./furnish.ts";
import { newFolder, Operator, printsIn } from "./operator.ts";

/** A house of a million messages, moved from a file to PostgreSQL and back; every table's hash is the same all the way. */
if (import.meta.main) {
  const { values } = parseArgs({ options: { messages: { type: "string", default: "1000000" } } });
  const messages = Number(values.messages);
  if (!(messages >= 1)) {
    say(`--messages is "${values.messages}": it must be a number from 1 up.`);
    process.exit(2);
  }
  const [here, back] = [newFolder(), newFolder()];
  const opened = await openAt(`sqlite:///${join(here, "parlour.db")}`);
  await timed(`made ${number(messages)} messages`, () => furnish(opened.store, messages));
  await opened[Symbol.asyncDispose]();
  const database = await (await testPostgres()).createDatabase();
  const there = await timed("moved to PostgreSQL", () =>
    new Operator({ DATA_DIR: here }).does("db", "copy", "--to", database),
  );
  const file = `sqlite:${join(back, "parlour.db")}`;
  const returned = await timed("moved back to a file", () =>
    new Operator({ DATA_DIR: back }).does("db", "copy", "--from", database, "--to", file),
  );
  const [one, two] = [printsIn(there), printsIn(returned)];
  const differ = Object.keys({ ...one, ...two }).filter((table) => one[table] !== two[table]);
  for (const [table, print] of Object.entries(one)) say(`${table.padEnd(16)} ${print}`);
  for (const table of differ) say(`FAILED: ${table} came back as ${two[table]}`);
  const isWhole = one.messages?.startsWith(`${number(messages)} `) ?? false;
  say(differ.length === 0 && isWhole ? "all equal" : "not equal");
  process.exit(differ.length === 0 && isWhole ? 0 : 1);
}

async function timed<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const began = performance.now();
  const result = await work();
  say(`${what} in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  return result;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
