/**
 * What happened in one run, as its one harness process saw it, by a clock that never goes back. `id` names a message by
 * its content, which is never said twice.
 */
export type HistoryEntry =
  /** `ok` was acknowledged, `fail` surely refused, `info` has no answer: it may stand there or not. */
  | { op: "send"; ty: "invoke" | "fail" | "info"; p: string; room: number; id: string; t: number }
  | { op: "send"; ty: "ok"; p: string; room: number; id: string; t: number; seq: number }
  | { op: "recv"; p: string; room: number; seq: number; id: string; t: number }
  /** The stream goes on behind this seq: a page was loaded, or what lies between is hidden. */
  | { op: "reset"; p: string; room: number; after: number; t: number }
  /** The person was removed at this seq. */
  | { op: "gone"; p: string; room: number; seq: number; t: number }
  | {
      op: "read";
      p: string;
      room: number;
      node: string;
      t0: number;
      t: number;
      /** After everything was healed: everybody must read the same, all of it and without holes. */
      final: boolean;
      items: (readonly [seq: number, id: string])[];
    };

export type Fault =
  | "lost-write"
  | "stale-read"
  | "duplicate"
  | "inconsistent-offset"
  | "divergent-final"
  | "phantom"
  | "aborted-read"
  | "gap"
  | "redelivered"
  | "nonmonotonic"
  | "realtime-order"
  | "not-dense"
  | "read-disorder"
  | "ack-changed"
  | "read-after-removal"
  | "never-read";

export interface Verdict {
  valid: boolean;
  attempts: number;
  acknowledged: number;
  unknown: number;
  refused: number;
  received: number;
  faults: Map<Fault, { count: number; first: object[] }>;
}

interface Send {
  readonly id: string;
  readonly room: number;
  readonly invokedAt: number;
  state: "info" | "ok" | "fail";
  seq: number;
  acknowledgedAt: number;
}

/** Judges a history: nothing acknowledged is lost, nothing is there twice, one order for all, no silent holes. */
export function checkHistory(history: readonly HistoryEntry[]): Verdict {
  const check = new Check();
  for (const entry of history) check.take(entry);
  return check.verdict(history.filter((entry) => entry.op === "recv").length);
}

class Check {
  readonly #faults: Verdict["faults"] = new Map();
  readonly #sends = new Map<string, Send>();
  readonly #idAt = new Map<string, string>();
  readonly #seqOf = new Map<string, number>();
  readonly #cursors = new Map<string, number>();
  readonly #removedAt = new Map<string, number>();
  readonly #finals = new Map<number, string>();

  take(entry: HistoryEntry): void {
    switch (entry.op) {
      case "send":
        return this.#send(entry);
      case "recv":
        return this.#received(entry);
      case "reset":
        this.#cursors.set(key(entry.p, entry.room), entry.after);
        return;
      case "gone":
        this.#removedAt.set(key(entry.p, entry.room), entry.seq);
        return;
      case "read":
        return this.#read(entry);
      default:
        return entry satisfies never;
    }
  }

  verdict(received: number): Verdict {
    this.#checkRealtimeOrder();
    const count = (state: Send["state"]) => [...this.#sends.values()].filter((send) => send.state === state).length;
    return {
      valid: this.#faults.size === 0,
      attempts: this.#sends.size,
      acknowledged: count("ok"),
      unknown: count("info"),
      refused: count("fail"),
      received,
      faults: this.#faults,
    };
  }

  #bad(fault: Fault, what: object): void {
    const known = this.#faults.get(fault) ?? { count: 0, first: [] };
    known.count += 1;
    if (known.first.length < 3) known.first.push(what);
    this.#faults.set(fault, known);
  }

  #send(entry: Extract<HistoryEntry, { op: "send" }>): void {
    const { id, room } = entry;
    // A retry keeps the time of the first attempt.
    const send = this.#sends.get(id) ?? { id, room, invokedAt: entry.t, state: "info", seq: 0, acknowledgedAt: 0 };
    this.#sends.set(id, send);
    if (entry.ty === "ok") {
      if (send.state !== "ok") send.acknowledgedAt = entry.t;
      else if (send.seq !== entry.seq) this.#bad("ack-changed", { id, was: send.seq, is: entry.seq });
      send.state = "ok";
      send.seq = entry.seq;
      this.#place(room, entry.seq, id, "an acknowledgement");
    } else if (entry.ty !== "invoke" && send.state !== "ok") send.state = entry.ty;
  }

  #received(entry: Extract<HistoryEntry, { op: "recv" }>): void {
    const { room, seq, p } = entry;
    this.#place(room, seq, entry.id, `heard by ${p}`);
    const at = key(p, room);
    const last = this.#cursors.get(at);
    if (last !== undefined) {
      if (seq === last) this.#bad("redelivered", { ...entry, last });
      else if (seq < last) this.#bad("nonmonotonic", { ...entry, last });
      else if (seq !== last + 1) this.#bad("gap", { ...entry, last });
    }
    this.#cursors.set(at, Math.max(last ?? 0, seq));
    const removedAt = this.#removedAt.get(at);
    if (removedAt !== undefined && seq > removedAt) this.#bad("read-after-removal", { ...entry, removedAt });
  }

  #read(entry: Extract<HistoryEntry, { op: "read" }>): void {
    const { room, items, p, node } = entry;
    let before = 0;
    for (const [seq, id] of items) {
      this.#place(room, seq, id, `read by ${p}`);
      if (seq <= before) this.#bad("read-disorder", { room, seq, before });
      before = seq;
    }
    const there = new Set(items.map(([, id]) => id));
    for (const send of this.#sends.values()) {
      if (send.state !== "ok" || send.room !== room || send.acknowledgedAt >= entry.t0 || there.has(send.id)) continue;
      this.#bad(entry.final ? "lost-write" : "stale-read", { id: send.id, seq: send.seq, p, node });
    }
    if (!entry.final) return;
    const text = JSON.stringify(items);
    const other = this.#finals.get(room);
    if (other !== undefined && other !== text) this.#bad("divergent-final", { room, p, node });
    this.#finals.set(room, text);
    for (const [at, [seq]] of items.entries()) if (seq !== at + 1) this.#bad("not-dense", { room, seq, at });
  }

  /** Everybody who learns where something stands must learn the same. */
  #place(room: number, seq: number, id: string, source: string): void {
    const at = key(room, seq);
    const known = this.#idAt.get(at);
    if (known !== undefined && known !== id) this.#bad("inconsistent-offset", { room, seq, known, id, source });
    const of = key(room, id);
    const other = this.#seqOf.get(of);
    if (other !== undefined && other !== seq) this.#bad("duplicate", { room, id, other, seq, source });
    this.#idAt.set(at, id);
    this.#seqOf.set(of, seq);
    const send = this.#sends.get(id);
    if (!send) this.#bad("phantom", { room, id, source });
    else if (send.state === "fail") this.#bad("aborted-read", { room, id, source });
  }

  /** What was acknowledged before another was begun stands before it. */
  #checkRealtimeOrder(): void {
    const rooms = Map.groupBy(
      [...this.#sends.values()].filter((send) => send.state === "ok"),
      (send) => send.room,
    );
    for (const [room, sends] of rooms) {
      let latest: Send | null = null;
      for (const send of sends.sort((a, b) => a.seq - b.seq)) {
        if (latest && send.acknowledgedAt < latest.invokedAt) {
          this.#bad("realtime-order", { room, later: send.id, earlier: latest.id });
        }
        if (!latest || send.invokedAt > latest.invokedAt) latest = send;
      }
      if (!this.#finals.has(room)) this.#bad("never-read", { room });
    }
  }
}

export function describeFaults(verdict: Verdict): string {
  const lines = [...verdict.faults].map(
    ([fault, { count, first }]) =>
      `  ${fault} ${count} ×, first ${first.map((what) => JSON.stringify(what)).join(" ")}`,
  );
  return lines.join("\n");
}

function key(a: string | number, b: string | number): string {
  return `${a}\u0000${b}`;
}
