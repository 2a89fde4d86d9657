import type { Tx } from "./sql.ts";

/** A process that stores here, and when it last said so by its own clock. */
export interface Beat {
  node: string;
  /** Whether it hears others by a bus. */
  bus: 0 | 1;
  at: number;
}

const KEPT_FOR = 86_400_000;

/** Says that a node lives, and answers with the others' last words. Whoever looks twice knows by them who lives. */
export async function beat(tx: Tx, { node, bus }: Omit<Beat, "at">): Promise<Beat[]> {
  await tx.run("DELETE FROM nodes WHERE at < ?", tx.now - KEPT_FOR);
  await tx.run(
    "INSERT INTO nodes VALUES (?, ?, ?) ON CONFLICT (node) DO UPDATE SET at = excluded.at, bus = excluded.bus",
    node,
    bus,
    tx.now,
  );
  return tx.all<Beat>("SELECT node, bus, at FROM nodes WHERE node <> ? ORDER BY node", node);
}
