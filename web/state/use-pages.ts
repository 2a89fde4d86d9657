import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { type Deed, useDeed } from "./use-deed.ts";

interface Part<Item> {
  items: readonly Item[];
  next: string | null;
}

export interface Pages<Item> {
  /** Null: nothing has arrived yet. */
  readonly items: readonly Item[] | null;
  readonly deed: Deed;
  /** Null: that is all there is. */
  readonly more: (() => void) | null;
  change(change: (items: readonly Item[]) => readonly Item[]): void;
}

/**
 * A list that arrives in parts, begun anew when what is `wanted` of it changes, or when something says that it may have
 * changed unheard: then as much of it is asked for as was shown. Until then what is there stays.
 */
export function usePages<Item>(
  wanted: string,
  ask: (cursor: string | undefined) => Promise<Part<Item>>,
  anew?: unknown,
): Pages<Item> {
  const [part, setPart] = useState<Part<Item> | null>(null);
  const deed = useDeed();
  const newest = useRef(0);
  const shown = useRef({ wanted, count: 0 });
  useLayoutEffect(() => {
    shown.current.count = part?.items.length ?? 0;
  }, [part]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked follows from what is wanted
  useEffect(() => {
    newest.current += 1;
    const own = newest.current;
    const isWanted = () => own === newest.current;
    if (shown.current.wanted !== wanted) shown.current = { wanted, count: 0 };
    askFor(ask, () => (isWanted() ? shown.current.count : 0)).then(
      (first) => isWanted() && setPart(first),
      (error: unknown) => void deed.run(() => Promise.reject(error)),
    );
  }, [wanted, anew]);

  const more = (cursor: string) =>
    deed.run(async () => {
      const own = shown.current.wanted;
      const next = await ask(cursor);
      // More of what is not wanted any more would stand under something else.
      if (own !== shown.current.wanted) return;
      setPart((before) =>
        before?.next === cursor ? { items: [...before.items, ...next.items], next: next.next } : before,
      );
    });
  const next = part?.next ?? null;
  return {
    items: part?.items ?? null,
    deed,
    more: next === null ? null : () => void more(next),
    change: (change) => setPart((before) => before && { ...before, items: change(before.items) }),
  };
}

/** The first part, and those behind it until there are so many. */
async function askFor<Item>(
  ask: (cursor: string | undefined) => Promise<Part<Item>>,
  count: () => number,
): Promise<Part<Item>> {
  let part = await ask(undefined);
  while (part.next !== null && part.items.length < count()) {
    const behind = await ask(part.next);
    part = { items: [...part.items, ...behind.items], next: behind.next };
  }
  return part;
}
