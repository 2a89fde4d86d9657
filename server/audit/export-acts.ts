import type { AuditEntry } from "#shared/contract/house.ts";
import { Download } from "../endpoint.ts";
import type { Actor } from "../store/sql.ts";
import type { Store } from "../store/store.ts";

export type ExportForm = "csv" | "jsonl";

const AT_ONCE = 500;

/** The whole audit log as a file, the oldest first. */
export function exportActs(store: Store, by: Actor, form: ExportForm): Download {
  return form === "csv"
    ? new Download("audit.csv", "text/csv; charset=utf-8", linesOf(store, by, csvLine, `${COLUMNS.join(",")}\r\n`))
    : new Download("audit.jsonl", "application/x-ndjson; charset=utf-8", linesOf(store, by, jsonLine, ""));
}

async function* linesOf(store: Store, by: Actor, line: (entry: AuditEntry) => string, head: string) {
  yield head;
  for (let after = 0; ; ) {
    const entries = await store.read("audit-after", by, { after, limit: AT_ONCE });
    yield entries.map(line).join("");
    const last = entries.at(-1);
    if (!last || entries.length < AT_ONCE) return;
    after = last.id;
  }
}

function jsonLine(entry: AuditEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

const COLUMNS = ["id", "at", "actor_id", "actor", "act", "user_id", "user", "room_id", "room", "detail", "address"];

export function csvLine({ id, at, actor, act, user, room, detail, address }: AuditEntry): string {
  const said = Object.keys(detail).length === 0 ? "" : JSON.stringify(detail);
  const cells = [
    id,
    at,
    actor?.id,
    actor?.name ?? "operator",
    act,
    user?.id,
    user?.name,
    room?.id,
    room?.name,
    said,
    address,
  ];
  return `${cells.map((cell) => csvCell(String(cell ?? ""))).join(",")}\r\n`;
}

function csvCell(text: string): string {
  // A table's program would run a name that begins like a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
