import { expect, test } from "bun:test";
import type { Message } from "#shared/models.ts";
import type { HistoryEntry } from "../fuzz/check-history.ts";
import { type Evidence, judge } from "./judge.ts";

const ROOM = 1;
const ids = ["a", "b", "c", "d"];

/** Two people, four sends, of which `c` had no answer before it was asked again. Seq 1 is the room's beginning. */
function well(): Evidence {
  const messages = ids.map((id, at) => message(id, at + 1));
  const items = ids.map((id, at) => [at + 1, id] as const);
  const said = ids.flatMap((id, at): HistoryEntry[] => {
    const by = { op: "send", p: "ann", room: ROOM, id } as const;
    const lost: HistoryEntry[] = id === "c" ? [{ ...by, ty: "info", t: at * 10 + 2 }] : [];
    return [{ ...by, ty: "invoke", t: at * 10 }, ...lost, { ...by, ty: "ok", seq: at + 1, t: at * 10 + 5 }];
  });
  const read = (p: string): HistoryEntry => {
    return { op: "read", p, room: ROOM, node: "server", t0: 100, t: 101, final: true, items: [...items] };
  };
  return {
    history: [...said, read("ann"), read("ben")],
    pages: ["ann", "ben"].map((reader) => ({ reader, room: ROOM, messages: [...messages] })),
    replicas: [{ device: "ben's phone", room: ROOM, messages: messages.slice(1) }],
    stored: {
      complaints: [],
      rooms: [{ id: ROOM, seq: 5, n: 4, messages: [...messages], log: [1, 2, 3, 4, 5] }],
      nonces: 4,
    },
    complaints: [],
  };
}

function message(id: string, n: number): Message {
  const place = { id: n + 100, room_id: ROOM, seq: n + 1, n, changed: n + 1 };
  return { type: "message", ...place, user_id: 1, username: "ann", content: `${id} ...`, timestamp: "" };
}

/** What the campaign would say. */
function failuresWith(plant: (evidence: Evidence) => unknown): string {
  const evidence = well();
  plant(evidence);
  return judge(evidence).failures.join("\n");
}

test("a campaign in which nothing was lost or doubled has not failed", () => {
  expect(judge(well())).toMatchObject({ failures: [], verdict: { attempts: 4, acknowledged: 4, unknown: 0 } });
});

test("a campaign fails when an acknowledged message is not in the file", () => {
  const said = failuresWith(({ stored: { rooms } }) => {
    rooms[0]!.messages.pop();
    rooms[0]!.log.pop();
    rooms[0]!.seq = 4;
    rooms[0]!.n = 3;
  });
  expect(said).toContain("lost-write");
});

test("a campaign fails when an acknowledged message is on nobody's pages", () => {
  const said = failuresWith(({ history, pages }) => {
    for (const entry of history) if (entry.op === "read") entry.items = entry.items.slice(0, 3);
    for (const page of pages) page.messages = page.messages.slice(0, 3);
  });
  expect(said).toContain("lost-write");
});

test("a campaign fails when a send that was asked again is stored twice", () => {
  const said = failuresWith(({ stored }) => {
    const [room] = stored.rooms;
    room!.messages.push({ ...message("c", 5) });
    room!.log.push(6);
    room!.seq = 6;
    room!.n = 5;
    stored.nonces = 5;
  });
  expect(said).toContain("duplicate");
});

test("a campaign fails when a send was never answered, however often it was asked again", () => {
  const said = failuresWith(({ history }) => {
    history.splice(
      history.findIndex((entry) => entry.op === "send" && entry.id === "c" && entry.ty === "ok"),
      1,
    );
  });
  expect(said).toContain("asked again and never answered: 1 sends");
});

test("a campaign fails when a retry is answered with another number than the first time", () => {
  const said = failuresWith(({ history }) => {
    const at = history.findIndex((entry) => entry.op === "read");
    history.splice(at, 0, { op: "send", ty: "ok", p: "ann", room: ROOM, id: "b", seq: 4, t: 90 });
  });
  expect(said).toContain("ack-changed");
});

test("a campaign fails when a device holds something else than what is stored", () => {
  expect(failuresWith(({ replicas }) => Object.assign(replicas[0]!, { messages: [] }))).toContain(
    "ben's phone holds other",
  );
  expect(failuresWith(({ replicas }) => Object.assign(replicas[0]!, { messages: [message("a", 4)] }))).toContain(
    "holds other",
  );
});

test("a campaign fails when two people read other texts at the same place", () => {
  const said = failuresWith(({ pages }) => {
    pages[1]!.messages = pages[1]!.messages.map((each) => ({ ...each, content: `${each.content}!` }));
  });
  expect(said).toContain("ben reads other messages");
});

test("a campaign fails when a room's counts, its log and its messages do not tell the same", () => {
  expect(failuresWith(({ stored }) => stored.rooms[0]!.log.splice(2, 1))).toContain("has 4 entries");
  expect(failuresWith(({ stored }) => Object.assign(stored.rooms[0]!, { n: 5 }))).toContain(
    "counts 5 messages and has 4",
  );
  expect(failuresWith(({ stored }) => Object.assign(stored, { nonces: 3 }))).toContain("4 messages by 3 nonces");
});

test("a campaign fails when SQLite finds fault with the file, or a client with its answers", () => {
  expect(failuresWith(({ stored }) => stored.complaints.push("row 3 missing"))).toBe("the file: row 3 missing");
  expect(failuresWith((evidence) => Object.assign(evidence, { complaints: ["ann was refused: internal"] }))).toContain(
    "ann was",
  );
});

test("a campaign in which nothing was acknowledged proves nothing, and fails", () => {
  const nothing = judge({
    history: [],
    pages: [],
    replicas: [],
    stored: { complaints: [], rooms: [], nonces: 0 },
    complaints: [],
  });
  expect(nothing.failures).toEqual(["nothing was acknowledged, so nothing is proved"]);
});
