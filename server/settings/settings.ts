import type { HouseSetting, SettingName } from "#shared/contract/house.ts";
import { Refusal } from "#shared/errors.ts";
import { recordAct } from "../audit/record-act.ts";
import type { Config } from "../config.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";
import type { Store } from "../store/store.ts";
import { NOBODY } from "../store/store.ts";
import { mayGovern } from "../users/queries.ts";

/** Every setting that an admin changes while the server runs, with what it may be. */
export const CHOICES = {
  signup: ["open", "invite", "closed"],
  room_creation: ["everyone", "admins"],
  former_texts: ["shown", "hidden"],
} as const satisfies Record<SettingName, readonly string[]>;

export type Settings = { -readonly [Name in SettingName]: (typeof CHOICES)[Name][number] };

/** What holds now: an admin's choice, and else what the environment says. */
export async function settingsNow({ store, config }: { store: Store; config: Config }): Promise<Settings> {
  const chosen = await store.read("settings", NOBODY);
  return { ...ofConfig(config), ...chosen };
}

function ofConfig(config: Config): Settings {
  return { signup: config.signup, room_creation: config.roomCreation, former_texts: config.formerTexts };
}

/** One setting inside a transaction: asked where it decides, so that no node acts on what was. */
export async function settingOr<Name extends SettingName>(
  sql: Sql,
  name: Name,
  otherwise: Settings[Name],
): Promise<Settings[Name]> {
  const chosen = await chosenSettings(sql);
  return (chosen[name] as Settings[Name] | undefined) ?? otherwise;
}

/** What admins chose. A choice that this program does not know, as after a step back, is none. */
export async function chosenSettings(sql: Sql): Promise<Partial<Settings>> {
  const rows = await sql.all<{ name: string; value: string }>("SELECT name, value FROM settings");
  const known = rows.filter(({ name, value }) => Object.hasOwn(CHOICES, name) && isChoice(name as SettingName, value));
  return Object.fromEntries(known.map(({ name, value }) => [name, value]));
}

/** Chooses for the house, or leaves the choice to the environment again. */
export async function changeSetting(
  tx: Tx,
  actor: Actor,
  args: { name: SettingName; value: string | null; from: string },
): Promise<null> {
  await mayGovern(tx, actor);
  const { name, value } = args;
  if (value === null) await tx.run("DELETE FROM settings WHERE name = ?", name);
  else {
    if (!isChoice(name, value)) {
      throw new Refusal("invalid", `${name} is one of ${CHOICES[name].join(", ")}.`, { field: "value" });
    }
    await tx.run(
      `INSERT INTO settings (name, value, changed_by, changed_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
      name,
      value,
      actor.userId,
      tx.now,
    );
  }
  const detail = { setting: name, value: value ?? "as the environment says" };
  await recordAct(tx, { act: "setting.changed", actor: actor.userId, detail, from: args.from });
  return null;
}

function isChoice(name: SettingName, value: string): boolean {
  const choices: readonly string[] = CHOICES[name];
  return choices.includes(value);
}

const VARIABLES = { signup: "SIGNUP", room_creation: "ROOM_CREATION", former_texts: "FORMER_TEXTS" } as const;

/** Each setting with where its value comes from. */
export async function explainSettings(services: { store: Store; config: Config }): Promise<HouseSetting[]> {
  const chosen = await services.store.read("settings", NOBODY);
  const otherwise = ofConfig(services.config);
  return (Object.keys(CHOICES) as SettingName[]).map((name) => {
    const variable = VARIABLES[name];
    const given = services.config.given.includes(variable) ? "environment" : "default";
    return {
      name,
      value: chosen[name] ?? otherwise[name],
      choices: [...CHOICES[name]],
      source: chosen[name] === undefined ? given : "house",
      otherwise: otherwise[name],
      variable,
    };
  });
}
