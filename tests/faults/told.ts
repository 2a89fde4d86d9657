/** Messages of a flood are of many lengths, so that they lie across the pages of the file in many ways. */
export function textOf(id: string): string {
  return `${id} ${".".repeat(Number(Bun.hash.wyhash(id) % 11n) ** 3)}`;
}

/** The name by which a history knows a message: no two of a flood begin with the same word. */
export function idOf(content: string): string {
  return content.slice(0, content.indexOf(" "));
}
