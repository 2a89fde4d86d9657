import { existsSync } from "node:fs";
import type { Config } from "../config.ts";
import type { OpenRecord } from "../open-record.ts";
import { NOBODY, type Store } from "../store/store.ts";
import { UsageFault } from "../usage-fault.ts";
import { type ImportWords, readArguments } from "./arguments.ts";
import { dryGoal, knownImport, NOTHING_HERE, storeGoal } from "./goal.ts";
import type { Here, KnownImport } from "./known-imports.ts";
import { findMapping, type Part } from "./mapping.ts";
import { openSource } from "./open-source.ts";
import { isAdministrator } from "./plan-users.ts";
import { createProgress } from "./progress.ts";
import { allRows, printsOf, type Reading } from "./read-source.ts";
import { number, plain, type Report, shown } from "./rules.ts";
import { type Goal, runImport } from "./run-import.ts";
import { idOf, textOf } from "./source.ts";
import { newState, writeState } from "./state.ts";

export interface Out {
  readonly isTerminal: boolean;
  write(text: string): void;
}

/** `parlour import`: reads the database of another chat system and brings its people, rooms and messages here. */
export async function importFrom(
  config: Config,
  words: readonly string[],
  given: { openRecord: OpenRecord; now: () => number; out: Out },
): Promise<void> {
  const asked = readArguments(words);
  if ("fault" in asked) throw new UsageFault(asked.fault);
  const source = await openSource(asked.source);
  try {
    const reading: Reading = { source, mapping: await findMapping(source, asked.map) };
    await sayMapping(reading, given.out);
    const admins = await adminsOf(reading, asked, given.out);
    const write = async (store: Store | null) => {
      const now = given.now();
      const goal = await goalOf(reading, asked, store, { now, out: given.out });
      await sayWhoIsHere(reading, goal, admins, given.out);
      const progress = createProgress(given.out);
      const report = await runImport(reading, goal, { now, admins, progress });
      sayReport(report, asked.isDry, given.out);
      if (goal.here.admins === 0 && admins.length === 0) sayNoAdmin(asked.isDry, given.out);
    };
    // A dry run makes no data folder.
    const { database } = config;
    if (asked.isDry && database.kind === "sqlite" && !existsSync(database.path)) return await write(null);
    await given.openRecord(config, "parlour import", write);
  } finally {
    await source.close();
  }
}

async function sayMapping({ source, mapping }: Reading, out: Out): Promise<void> {
  out.write(`From ${source.place}\n\n`);
  for (const part of ["users", "rooms", "messages", "members"] as const satisfies Part[]) {
    const table = mapping[part];
    if (table === null && part === "rooms") out.write("rooms     no table: each room that a message names\n");
    if (table === null) continue;
    out.write(`${part.padEnd(9)} ${plain(table.name)}, ${number(await source.count(table.name))} rows\n`);
    const pairs = Object.entries(table.columns).map(([ours, theirs]) =>
      ours === theirs ? ours : `${ours}=${plain(theirs)}`,
    );
    out.write(`          ${pairs.join("  ")}\n`);
  }
  out.write("\n");
}

/** The administrators there, and those of them who stay it. */
async function adminsOf(reading: Reading, { admins }: ImportWords, out: Out): Promise<string[]> {
  const rows = await allRows(reading, "users");
  const there = rows.filter(isAdministrator).map((row) => textOf(row.username) ?? "");
  for (const name of admins) {
    const named = there.filter((one) => one === name).length;
    if (named === 1) continue;
    if (named > 1) {
      // Where names were not kept apart anybody could have taken it.
      throw new Error(
        `--admin ${name}: ${named} administrators of the source have that name. Leave it out, and afterwards say who it is: parlour admin NAME`,
      );
    }
    const known = there.slice(0, 10).map(shown);
    throw new Error(
      `--admin ${name}: there is no administrator of that name in the source (there are: ${known.join(", ") || "none"}). To make anybody one afterwards: parlour admin NAME`,
    );
  }
  if (there.length > 0) {
    out.write(`Administrators there: ${there.map((each) => shown(each)).join(", ")}\n`);
    out.write(
      `Administrators here:  ${admins.map((each) => shown(each)).join(", ") || "none of them (--admin NAME)"}\n\n`,
    );
  }
  return [...admins];
}

async function goalOf(
  reading: Reading,
  asked: ImportWords,
  store: Store | null,
  { now, out }: { now: number; out: Out },
): Promise<Goal> {
  const here = store === null ? NOTHING_HERE : await store.read("what-is-here", NOBODY);
  const prints = await printsOf(reading);
  const { place } = reading.source;
  const known = knownImport(here, { place, ...prints }, asked.asNew);
  if (known === null && !asked.asNew) refuseOther(here, place);
  out.write(`${greeting(here, known)}\n`);
  if (store === null || asked.isDry) return dryGoal(store, here, known);
  if (known) return storeGoal(store, here, known, known.id);
  const keepsIds = here.isEmpty;
  const state = writeState(newState(now));
  const { importId } = await store.write("begin-import", NOBODY, { place, ...prints, keepsIds, state });
  return storeGoal(store, here, null, importId);
}

/** The role of somebody who came in an earlier run is not changed by this one. */
async function sayWhoIsHere(reading: Reading, goal: Goal, admins: readonly string[], out: Out): Promise<void> {
  if (goal.known === null || admins.length === 0) return;
  const known = await goal.ids("user");
  for (const row of await allRows(reading, "users")) {
    const name = textOf(row.username) ?? "";
    if (!admins.includes(name) || !known.has(idOf(row.id) ?? "")) continue;
    out.write(`${shown(name)} came in an earlier run. To make them an admin now: parlour admin NAME\n`);
  }
}

function greeting(here: Here, known: KnownImport | null): string {
  if (known?.finished) return `This was imported on ${day(known.beganAt)}: what came since is added.`;
  if (known) return `This import was begun on ${day(known.beganAt)} and did not end: it goes on.`;
  if (here.isEmpty) return "The server is empty: ids of users, rooms and messages stay as they are.";
  return "The server is in use: what comes gets new ids.";
}

/** Another database where one was imported from may be the same one, cut or repaired: everything would be there twice. */
function refuseOther(here: Here, place: string): void {
  const before = here.imports.find((known) => known.place === place);
  if (!before) return;
  throw new Error(
    `What is in ${place} does not begin as what was imported from there on ${day(before.beganAt)}. If it is another database, say --as-new.`,
  );
}

function sayReport(report: Report, isDry: boolean, out: Out): void {
  const { users, rooms, messages } = report.counts;
  const lines = report.lines();
  out.write(
    `\n${isDry ? "Would be here" : "Here now"}: ${number(users)} users, ${number(rooms)} rooms, ${number(messages)} messages of this source.\n`,
  );
  if (lines.length > 0) out.write(`\nChanged or left out, by rule:\n${lines.join("\n")}\n`);
  if (isDry) out.write("\nThis was a dry run: nothing was written.\n");
}

function sayNoAdmin(isDry: boolean, out: Out): void {
  out.write(
    isDry
      ? "\nThe server would have no admin: name one of the administrators there with --admin NAME, or run `parlour admin NAME` afterwards.\n"
      : "\nThe server has no admin. Make one: parlour admin NAME\n",
  );
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
