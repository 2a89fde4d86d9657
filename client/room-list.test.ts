import { expect, test } from "bun:test";
import type { MyRoom } from "#shared/models.ts";
import { emptyReplica } from "#shared/replica.ts";
import { RoomList } from "./room-list.ts";

const NOW = Date.parse("2026-03-01T00:00:00.000Z");

function named(id: number, name: string): MyRoom {
  const created_at = "2026-01-01T00:00:00.000Z";
  const made = { created_by: 1, created_at, version: 1 };
  const room = { id, kind: "public", name, description: "", posting: "members", archived: false, ...made } as const;
  return {
    room,
    role: "member",
    people: [],
    joined_seq: 1,
    read_seq: 0,
    read_n: 0,
    mine: 0,
    counted_n: 0,
    counted_seq: 0,
    version: 1,
  };
}

test("a room that goes leaves the list, wherever it stood in it", () => {
  for (const gone of [1, 2, 3]) {
    const replica = emptyReplica();
    for (const [id, name] of ["Apples", "Bikes", "Cooking"].entries()) replica.mine.set(id + 1, named(id + 1, name));
    const list = new RoomList(() => NOW);
    list.stale();
    expect(list.of(replica).map((row) => row.room.id)).toEqual([1, 2, 3]);
    replica.mine.delete(gone);
    list.stale();
    expect(list.of(replica).map((row) => row.room.id)).toEqual([1, 2, 3].filter((id) => id !== gone));
  }
});

test("a list in which nothing changed is the same list", () => {
  const replica = emptyReplica();
  replica.mine.set(1, named(1, "Apples"));
  const list = new RoomList(() => NOW);
  list.stale();
  const before = list.of(replica);
  list.stale();
  expect(list.of(replica)).toBe(before);
});

test("rooms stand by name, and behind them direct talks, the one in which something was said last first", () => {
  const replica = emptyReplica();
  const talk = (id: number, last_at?: string) => {
    const { room, ...row } = named(id, "");
    const counted = last_at === undefined ? {} : { last_at, counted_n: 5 };
    replica.mine.set(id, { ...row, ...counted, room: { ...room, kind: "direct" } });
  };
  talk(1, "2026-02-01T00:00:00.000Z");
  talk(2);
  talk(3, "2026-02-03T00:00:00.000Z");
  for (const [id, name] of [
    [4, "Zebras"],
    [5, "Apples"],
  ] as const)
    replica.mine.set(id, named(id, name));
  const list = new RoomList(() => NOW);
  const order = () => {
    list.stale();
    return list.of(replica).map((row) => row.room.id);
  };
  expect(order()).toEqual([5, 4, 3, 1, 2]);
  replica.heads.set(1, { seq: 9, n: 6 });
  expect(order()).toEqual([5, 4, 1, 3, 2]);
  // A reaction is nothing that was said.
  replica.heads.set(3, { seq: 20, n: 5 });
  expect(order()).toEqual([5, 4, 1, 3, 2]);
  replica.heads.set(2, { seq: 2, n: 1 });
  expect(order()[2]).toBe(1);
  expect(order()[3]).toBe(2);
});
