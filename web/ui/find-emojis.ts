import type { Gemoji } from "gemoji";

export type KnownEmoji = Gemoji;

let known: Promise<readonly KnownEmoji[]> | null = null;

/** All emoji with their names, in the usual order; asked for when somebody first looks for one. */
export function loadEmojis(): Promise<readonly KnownEmoji[]> {
  known ??= import("gemoji").then(
    ({ gemoji }) => gemoji,
    (error: unknown) => {
      known = null;
      throw error;
    },
  );
  return known;
}

/** Those whose name begins so, then those that are called so otherwise. */
export function findEmojis(all: readonly KnownEmoji[], text: string, most: number): KnownEmoji[] {
  const part = text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");
  if (part === "") return [];
  const ranked = [
    (one: KnownEmoji) => one.names.includes(part),
    (one: KnownEmoji) => one.names.some((name) => name.startsWith(part)),
    (one: KnownEmoji) => one.tags.some((tag) => tag.startsWith(part)),
    (one: KnownEmoji) => one.names.some((name) => name.includes(part)),
    (one: KnownEmoji) => one.description.replaceAll(" ", "_").includes(part),
  ].flatMap((fits) => all.filter(fits));
  return [...new Set(ranked)].slice(0, most);
}

export function emojiNamed(all: readonly KnownEmoji[], name: string): string | null {
  return all.find(({ names }) => names.includes(name.toLowerCase()))?.emoji ?? null;
}
