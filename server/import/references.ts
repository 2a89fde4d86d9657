import { idOf, keptId, type SourceRow, textOf } from "./source.ts";

/** Of two of one name the first is meant. */
export function namesOf(rows: readonly SourceRow[], column: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const row of rows) {
    const name = textOf(row[column])?.trim() ?? "";
    const id = idOf(row.id);
    if (name !== "" && id !== null && !names.has(name)) names.set(name, id);
  }
  return names;
}

/** Which messages are still to come. Numbers come in order, so the last one tells; other ids are all remembered. */
export class MessageIds {
  readonly #done: { has(id: string): boolean };
  readonly #seen = new Set<string>();
  #last = "";

  constructor(done: { has(id: string): boolean }) {
    this.#done = done;
  }

  isNew(row: SourceRow, repeated: () => void): boolean {
    const id = idOf(row.id);
    if (id !== null && this.#done.has(id)) return false;
    if (id === null || id === this.#last || this.#seen.has(id)) {
      repeated();
      return false;
    }
    this.#last = id;
    if (keptId(id) === null) this.#seen.add(id);
    return true;
  }
}
