import type { Subscription } from "../bus/bus.ts";
import { topics } from "../realtime/hub.ts";
import type { Presence } from "../realtime/presence.ts";
import { type NodeParts, subjectIn } from "./parts.ts";

type Named = [userId: number, username: string];

/** `v` counts what a node said of a room, so that what was lost shows. */
type ViewHint =
  | { from: string; ask: true }
  | { from: string; v: number; all: Named[] }
  | { from: string; v: number; in: Named }
  | { from: string; v: number; out: number }
  | { from: string; v: number }
  | { from: string; mention: string };

interface View {
  readonly subscription: Subscription;
  /** Somebody here has the room open. */
  isOpen: boolean;
  /** Resolves when those who have it in view too have had time to say so. */
  readonly answered: Promise<void>;
  v: number;
  readonly others: Map<string, Others>;
}

/** Who has the room open on one other node, and when that was heard of. */
interface Others {
  readonly v: number;
  readonly users: Map<number, string>;
  readonly heardAt: number;
}

const BEAT_EVERY = 2_000;
/** Each beat of a node, one in so many says also where it stands in each room. */
const ROOMS_EVERY_BEATS = 4;
const GONE_AFTER = 6_000;
/** A node that has the room in view says so each round. Whoever misses three has left it, and nobody heard of that. */
const LEFT_AFTER = 3 * ROOMS_EVERY_BEATS * BEAT_EVERY + BEAT_EVERY;
const ANSWERS_WITHIN = 40;
const LOOKS_FOR = 5_000;

export interface ViewsParts extends NodeParts {
  readonly presence: Presence;
}

/**
 * Who has a room open on other nodes: each node tells those that have the same room in view what changes there, and all
 * nodes by a beat that it lives. A node that falls silent has nobody present any more.
 */
export class Views {
  readonly #parts: ViewsParts;
  readonly #views = new Map<number, View>();
  readonly #heardOf = new Map<string, number>();
  readonly #nodes: Subscription;
  #beats = 0;
  #cancel = () => {};

  constructor(parts: ViewsParts) {
    this.#parts = parts;
    this.#nodes = parts.bus.subscribe(subjectIn(parts.store, "nodes"), (text) => this.#heardNode(text));
    parts.presence.outside = {
      came: (roomId, userId, username) => this.#change(roomId, { in: [userId, username] }),
      went: (roomId, userId) => this.#change(roomId, { out: userId }),
    };
    // What was said meanwhile was not heard.
    parts.bus.onBack(() => {
      for (const roomId of this.#views.keys()) this.#say(roomId, { from: parts.node, ask: true });
    });
    this.#beat();
  }

  /** Somebody here opens the room: who else is in it is asked, and the answers are waited for a moment. */
  async open(roomId: number): Promise<void> {
    const view = this.#view(roomId);
    view.isOpen = true;
    await view.answered;
  }

  /** Somebody wants to know who is in the room, without opening it. */
  async look(roomId: number): Promise<void> {
    const view = this.#view(roomId);
    await view.answered;
    this.#parts.clock.after(LOOKS_FOR, () => {
      if (!view.isOpen && this.#views.get(roomId) === view) this.close(roomId);
    });
  }

  close(roomId: number): void {
    const view = this.#views.get(roomId);
    if (!view) return;
    view.subscription.end();
    if (view.v > 0) this.#say(roomId, { from: this.#parts.node, v: view.v + 1, all: [] });
    this.#views.delete(roomId);
    this.#parts.presence.forgetOthers(roomId);
  }

  mention(roomId: number, text: string): void {
    this.#say(roomId, { from: this.#parts.node, mention: text });
  }

  end(): void {
    this.#cancel();
    this.#parts.bus.publish(subjectIn(this.#parts.store, "nodes"), `-${this.#parts.node}`);
    this.#nodes.end();
    for (const view of this.#views.values()) view.subscription.end();
  }

  #view(roomId: number): View {
    const known = this.#views.get(roomId);
    if (known) return known;
    const { bus, store } = this.#parts;
    const subscription = bus.subscribe(subjectIn(store, "view", roomId), (text) => this.#hear(roomId, text));
    const answered = this.#ask(roomId, subscription);
    const view = { subscription, isOpen: false, answered, v: 0, others: new Map() };
    this.#views.set(roomId, view);
    return view;
  }

  async #ask(roomId: number, subscription: Subscription): Promise<void> {
    await subscription.live();
    this.#say(roomId, { from: this.#parts.node, ask: true });
    if (this.#heardOf.size === 0 || !this.#parts.bus.isUp) return;
    await new Promise<void>((go) => this.#parts.clock.after(ANSWERS_WITHIN, go));
  }

  #beat(): void {
    const { bus, clock, monotonic, node } = this.#parts;
    this.#live();
    this.#beats += 1;
    if (this.#beats % ROOMS_EVERY_BEATS === 0) {
      for (const [roomId, view] of this.#views) if (view.v > 0) this.#say(roomId, { from: node, v: view.v });
    }
    // While the bus is away nobody's silence means anything.
    const now = monotonic();
    for (const [other, at] of this.#heardOf) {
      if (!bus.isUp) this.#heardOf.set(other, now);
      else if (now - at > GONE_AFTER) this.#gone(other);
    }
    for (const [roomId, view] of this.#views) {
      for (const [other, { heardAt, ...known }] of view.others) {
        if (!bus.isUp) view.others.set(other, { ...known, heardAt: now });
        else if (now - heardAt > LEFT_AFTER) this.#set(roomId, view, other, new Map(), 0);
      }
    }
    this.#cancel = clock.after(BEAT_EVERY, () => this.#beat());
  }

  #live(): void {
    this.#parts.bus.publish(subjectIn(this.#parts.store, "nodes"), `+${this.#parts.node}`);
  }

  #heardNode(text: string): void {
    const node = text.slice(1);
    if (text.startsWith("-")) return this.#gone(node);
    const isNew = !this.#heardOf.has(node);
    this.#heardOf.set(node, this.#parts.monotonic());
    // It began after this one's last beat.
    if (isNew) this.#live();
  }

  #gone(node: string): void {
    this.#heardOf.delete(node);
    for (const [roomId, view] of this.#views) this.#set(roomId, view, node, new Map(), 0);
  }

  #change(roomId: number, change: { in: Named } | { out: number }): void {
    const view = this.#views.get(roomId);
    if (!view) return;
    view.v += 1;
    this.#say(roomId, { from: this.#parts.node, v: view.v, ...change });
  }

  #hear(roomId: number, text: string): void {
    const view = this.#views.get(roomId);
    if (!view) return;
    const hint = JSON.parse(text) as ViewHint;
    this.#heardOf.set(hint.from, this.#parts.monotonic());
    if ("mention" in hint) return this.#parts.hub.mention(topics.room(roomId), hint.mention);
    if ("ask" in hint) return this.#answer(roomId, view);
    if (!("v" in hint)) return;
    const known = view.others.get(hint.from) ?? { v: 0, users: new Map<number, string>() };
    if ("all" in hint) return this.#set(roomId, view, hint.from, new Map(hint.all), hint.v);
    const users = new Map(known.users);
    if ("in" in hint) users.set(...hint.in);
    if ("out" in hint) users.delete(hint.out);
    const isNext = hint.v === known.v + ("in" in hint || "out" in hint ? 1 : 0);
    this.#set(roomId, view, hint.from, users, hint.v);
    if (!isNext) this.#say(roomId, { from: this.#parts.node, ask: true });
  }

  #answer(roomId: number, view: View): void {
    const all = [...this.#parts.presence.here(roomId)];
    if (all.length === 0 && view.v === 0) return;
    view.v = Math.max(1, view.v);
    this.#say(roomId, { from: this.#parts.node, v: view.v, all });
  }

  #set(roomId: number, view: View, node: string, users: Map<number, string>, v: number): void {
    const before = view.others.get(node)?.users ?? new Map<number, string>();
    if (v === 0) view.others.delete(node);
    else view.others.set(node, { v, users, heardAt: this.#parts.monotonic() });
    for (const [userId, username] of users) {
      if (!before.has(userId)) this.#parts.presence.cameElsewhere(roomId, userId, username, node);
    }
    for (const userId of before.keys()) {
      if (!users.has(userId)) this.#parts.presence.wentElsewhere(roomId, userId, node);
    }
  }

  #say(roomId: number, hint: ViewHint): void {
    const { bus, store } = this.#parts;
    bus.publish(subjectIn(store, "view", roomId), JSON.stringify(hint));
  }
}
