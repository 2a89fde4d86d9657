import { expect, test } from "bun:test";
import type { PendingSend } from "#client/chat.ts";
import type { Happening, Message } from "#shared/models.ts";
import { type Row, type RowSource, Rows } from "./rows.ts";

const ME = 1;
const noon = new Date(2026, 4, 12, 12, 0).getTime();
const minutes = (count: number) => noon + count * 60_000;

test("every day begins with its line", () => {
  const rows = show({ messages: [said(1, 2, minutes(-24 * 60)), said(2, 2, minutes(0)), said(3, 2, minutes(1))] });
  expect(rows).toEqual(["start", "day", "2:1*", "day", "2:2*", "2:3"]);
});

test("messages of one person within five minutes stand together", () => {
  const rows = show({ messages: [said(1, 2, minutes(0)), said(2, 2, minutes(5)), said(3, 2, minutes(11))] });
  expect(rows).toEqual(["start", "day", "2:1*", "2:2", "2:3*"]);
});

test("another author begins anew", () => {
  const rows = show({ messages: [said(1, 2, minutes(0)), said(2, 3, minutes(0)), said(3, 2, minutes(0))] });
  expect(rows).toEqual(["start", "day", "2:1*", "3:2*", "2:3*"]);
});

test("the unread line stands before the first message of somebody else that was not read", () => {
  const messages = [said(1, 2, minutes(0)), said(2, ME, minutes(1)), said(3, 2, minutes(2)), said(4, 2, minutes(3))];
  expect(show({ messages, unreadAfter: 1 })).toEqual(["start", "day", "2:1*", "1:2*", "unread", "2:3*", "2:4"]);
});

test("no unread line is shown while the place where it belongs is not loaded", () => {
  const messages = [said(10, 2, minutes(0)), said(11, 2, minutes(1))];
  expect(show({ messages, unreadAfter: 4, complete: false })).toEqual(["2:11"]);
  expect(show({ messages, unreadAfter: 4 })).toEqual(["start", "day", "unread", "2:10*", "2:11"]);
});

test("the room's beginning is shown only when it is loaded", () => {
  expect(show({ messages: [], complete: true })).toEqual(["start"]);
  expect(show({ messages: [], complete: false })).toEqual([]);
});

test("sends without an answer stand last and join what one said before", () => {
  const messages = [said(1, ME, minutes(0))];
  const pending = [sending("a", minutes(1)), sending("b", minutes(9))];
  expect(show({ messages, pending })).toEqual(["start", "day", "1:1*", "a", "b*"]);
});

test("a send after midnight gets the new day's line", () => {
  const pending = [sending("a", minutes(13 * 60))];
  expect(show({ messages: [said(1, ME, minutes(0))], pending })).toEqual(["start", "day", "1:1*", "day", "a*"]);
});

test("adding messages one by one gives the same rows as giving them all at once", () => {
  const messages = Array.from({ length: 60 }, (_, i) => said(i + 1, 1 + (i % 7 === 0 ? 1 : 2), minutes(i * 31)));
  for (const unreadAfter of [null, 3, 40]) {
    const rows = new Rows();
    for (let count = 0; count <= messages.length; count++) {
      const part = { ...empty, complete: true, unreadAfter, messages: messages.slice(0, count) };
      expect(rows.of(part).map(word)).toEqual(show(part));
    }
  }
});

test("rows that were given out are never changed", () => {
  const rows = new Rows();
  const first = rows.of({ ...empty, messages: [said(1, 2, minutes(0))] });
  const kept = [...first];
  const second = rows.of({ ...empty, messages: [...messagesOf(first), said(2, 2, minutes(1))] });
  expect(first).toEqual(kept);
  expect(second).not.toBe(first);
});

test("nothing new means the same list", () => {
  const rows = new Rows();
  const messages = [said(1, 2, minutes(0))];
  expect(rows.of({ ...empty, messages })).toBe(rows.of({ ...empty, messages }));
});

test("older messages that load change no row below them", () => {
  const messages = Array.from({ length: 40 }, (_, i) => said(i + 1, 1 + (i % 5 === 0 ? 1 : 2), minutes(i * 97)));
  const all = show({ messages });
  for (let loaded = 2; loaded < messages.length; loaded++) {
    const rows = show({ messages: messages.slice(-loaded), complete: false });
    expect(rows).toEqual(all.slice(-rows.length));
  }
});

test("what happened stands between the messages, and whoever speaks after it is named", () => {
  const messages = [said(2, 2, minutes(0)), said(4, 2, minutes(1)), said(7, 2, minutes(2))];
  const happenings = [came(1, 3, minutes(0)), came(3, 4, minutes(1)), came(5, 5, minutes(1)), came(6, 6, minutes(1))];
  expect(show({ messages, happenings })).toEqual(["start", "h1!", "day", "2:2*", "h3", "2:4*", "h5", "2:7*"]);
});

test("what happened makes no day's line and no unread line, and says by itself that it was on another day", () => {
  const messages = [said(1, 2, minutes(0)), said(3, 2, minutes(25 * 60))];
  const happenings = [came(2, 3, minutes(24 * 60)), came(4, 4, minutes(49 * 60))];
  const rows = show({ messages, happenings, unreadAfter: 1 });
  expect(rows).toEqual(["start", "day", "2:1*", "h2!", "day", "unread", "2:3*", "h4!"]);
});

test("what happened before the oldest message that is loaded waits for its page", () => {
  const messages = [said(4, 2, minutes(0)), said(6, 2, minutes(0)), said(8, 2, minutes(0))];
  const happenings = [came(3, 3, minutes(0)), came(5, 3, minutes(0))];
  expect(show({ messages, happenings, complete: false })).toEqual(["h5", "2:6*", "2:8"]);
  expect(show({ messages: messages.slice(0, 1), happenings, complete: false })).toEqual(["day", "2:4*", "h5"]);
});

test("what happens now joins what happened just before it, and a send after it is named", () => {
  const rows = new Rows();
  const source = { ...empty, messages: [said(1, ME, minutes(0))], happenings: [came(2, 3, minutes(0))] };
  const first = rows.of(source);
  expect(first.map(word)).toEqual(["start", "day", "1:1*", "h2"]);
  const more = { ...source, happenings: [...source.happenings, came(3, 4, minutes(0))] };
  const second = rows.of(more);
  expect(second.map(word)).toEqual(["start", "day", "1:1*", "h2"]);
  expect(second.at(-1)).not.toEqual(first.at(-1));
  expect(
    rows
      .of({ ...more, pending: [sending("a", minutes(1))] })
      .map(word)
      .at(-1),
  ).toBe("a*");
});

test("a new name in what happened is drawn where it stands", () => {
  const rows = new Rows();
  const source = { ...empty, messages: [said(3, 2, minutes(0))], happenings: [came(2, 3, minutes(0))] };
  rows.of(source);
  const named = { ...came(2, 3, minutes(0)), by: { id: 3, username: "bo" } };
  expect(JSON.stringify(rows.of({ ...source, happenings: [named] }))).not.toContain('"by":{"id":3,"username":"user3"}');
});

test("messages and happenings one by one give the same rows as all of them at once", () => {
  const log = Array.from({ length: 80 }, (_, at) => at + 1);
  const isSaid = (seq: number) => seq % 7 === 0 || seq % 5 === 1 || (seq > 40 && seq < 50);
  const part = (upTo: number) => ({
    ...empty,
    unreadAfter: 30,
    messages: messages.filter(({ seq }) => seq <= upTo),
    happenings: happenings.filter(({ seq }) => seq <= upTo),
  });
  const messages = log.filter(isSaid).map((seq) => said(seq, 1 + (seq % 3), minutes(seq * 37)));
  const happenings = log.filter((seq) => !isSaid(seq)).map((seq) => came(seq, seq % 4, minutes(seq * 37)));
  for (const step of [1, 2, 9]) {
    const rows = new Rows();
    for (let upTo = 0; upTo <= 80; upTo += step) expect(rows.of(part(upTo)).map(word)).toEqual(show(part(upTo)));
  }
  const all = show({ ...part(80), unreadAfter: null });
  for (let from = 2; from < messages.length - 1; from++) {
    const loaded = show({ ...part(80), unreadAfter: null, messages: messages.slice(from), complete: false });
    expect(loaded).toEqual(all.slice(-loaded.length));
  }
});

const empty: RowSource = { messages: [], happenings: [], complete: true, pending: [], meId: ME, unreadAfter: null };

function show(source: Partial<RowSource>): string[] {
  return new Rows().of({ ...empty, ...source }).map(word);
}

function word(row: Row): string {
  if (row.kind === "message") return `${row.message.user_id}:${row.message.seq}${row.head ? "*" : ""}`;
  if (row.kind === "pending") return `${row.send.nonce}${row.head ? "*" : ""}`;
  if (row.kind === "happened") return `${row.key}${row.dated ? "!" : ""}`;
  return row.kind;
}

function came(seq: number, user: number, at: number): Happening {
  const by = { id: user, username: `user${user}` };
  return { seq, timestamp: new Date(at).toISOString(), by, deed: { is: "came", people: [by] } };
}

function messagesOf(rows: readonly Row[]): Message[] {
  return rows.flatMap((row) => (row.kind === "message" ? [row.message] : []));
}

function said(seq: number, user: number, at: number): Message {
  const timestamp = new Date(at).toISOString();
  const name = `user${user}`;
  return {
    type: "message",
    id: seq,
    room_id: 1,
    seq,
    n: seq,
    changed: seq,
    user_id: user,
    username: name,
    content: "x",
    timestamp,
  };
}

function sending(nonce: string, at: number): PendingSend {
  return { nonce, room_id: 1, content: "x", at, state: "sending" };
}
