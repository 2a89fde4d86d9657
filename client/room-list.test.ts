import { expect, test } from "bun:test";
import type { MyRoom } from "#shared/models.ts";
import { emptyReplica } from "#shared/replica.ts";
import { RoomList } from "./room-list.ts";

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
    const list = new RoomList();
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
  const list = new RoomList();
  list.stale();
  const before = list.of(replica);
  list.stale();
  expect(list.of(replica)).toBe(before);
});
