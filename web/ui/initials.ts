/** One or two letters that stand for a name: those of its first and last word, or its first. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/u).filter((word) => word !== "");
  const first = firstLetter(words[0] ?? name);
  const last = words.length > 1 ? firstLetter(words[words.length - 1] ?? "") : "";
  return (first + last).toLocaleUpperCase();
}

/** Neighbouring ids get colours far apart: steps of the golden angle. */
export function hueOf(id: number): number {
  return Math.round((id * 137.508) % 360);
}

function firstLetter(word: string): string {
  return [...word][0] ?? "";
}
