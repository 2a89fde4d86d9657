/** A part of the person's or the house's stream as a frame in JSON, and where the next part begins. */
export interface StreamText {
  readonly version: number;
  readonly frame: string;
  readonly next: number | null;
}

const CHUNK = /^\{"frame":(\{"type":"(?:me|house)","version":)(\d+)(,.*\}),"next":(null|\d+)\}$/s;

/**
 * Reads what the store answered without making objects of it: a hello's rooms only pass through, and when thousands come
 * back at once the objects would be most of the memory they take. `version` is said in place of the chunk's own.
 */
export function streamText(chunk: string, version: number | null): StreamText {
  const [, head = "", own = "", tail = "", next = ""] = CHUNK.exec(chunk) ?? fail();
  const said = version ?? Number(own);
  return { version: said, frame: `${head}${said}${tail}`, next: next === "null" ? null : Number(next) };
}

function fail(): never {
  throw new Error("A chunk of a stream begins with its frame's type and version, and ends with where the next begins.");
}
