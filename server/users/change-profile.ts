import type { ChangeProfile, Person } from "#shared/contract/people.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { displayName, type Name } from "#shared/names.ts";
import { isStorable } from "#shared/text.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { personRow, presentPerson } from "./people.ts";
import { tellNewLook } from "./tell-new-name.ts";

/** Changes what somebody says of themselves. What is left out stays as it is. */
export async function changeProfile(tx: Tx, actor: Actor, args: ChangeProfile): Promise<Person> {
  const row = await personRow(tx, actor.userId);
  if (!row) throw new Refusal("session_ended");
  const name = wantedName(args.display_name ?? row.display_name);
  const zone = args.time_zone === undefined ? row.time_zone : wantedZone(args.time_zone);
  const status =
    args.status === undefined ? { text: row.status_text, until: row.status_until } : wantedStatus(args.status, tx.now);
  await tx.run(
    "UPDATE users SET display_name = ?, display_key = ?, hue = ?, time_zone = ?, status_text = ?, status_until = ? WHERE id = ?",
    name.shown,
    name.key,
    args.hue === undefined ? row.hue : args.hue,
    zone,
    status.text,
    status.until,
    row.id,
  );
  const changed = await personRow(tx, row.id);
  if (!changed) throw new Error("A profile was changed and is gone.");
  if (changed.display_name !== row.display_name || changed.hue !== row.hue) await tellNewLook(tx, actor, row.id);
  return presentPerson(changed, tx.now);
}

function wantedName(text: string): Name {
  const name = displayName(text);
  if ("fault" in name) throw new Refusal("invalid", name.fault, { field: "display_name" });
  return name;
}

function wantedZone(zone: string | null): string | null {
  if (zone === null) return null;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    throw new Refusal("invalid", "There is no such time zone.", { field: "time_zone" });
  }
}

function wantedStatus(given: ChangeProfile["status"], now: number): { text: string; until: number | null } {
  const text = (given?.text ?? "").replaceAll(/\s+/g, " ").trim();
  if (!given || text === "") return { text: "", until: null };
  if (!isStorable(text)) throw new Refusal("bad_text", undefined, { field: "status" });
  if ([...text].length > limits.statusLength) {
    throw new Refusal("invalid", `A status may have ${limits.statusLength} characters.`, { field: "status" });
  }
  const until = given.until ? Date.parse(given.until) : null;
  if (until !== null && until <= now) {
    throw new Refusal("invalid", "A status ends later than now.", { field: "status" });
  }
  return { text, until };
}
