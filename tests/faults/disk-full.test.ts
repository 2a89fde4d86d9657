import { expect, test } from "bun:test";
import type { Ack, ErrorFrame } from "#shared/frames.ts";
import { type Person, person } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { KillableServer } from "./killable-server.ts";
import { readStored } from "./read-file.ts";
import { type SmallDisk, shortFiles, smallFileSystem } from "./small-disk.ts";

const LONG = "x".repeat(7_900);
const AT_ONCE = 20;

test("on a full disk sends are refused as `unavailable`, reading goes on, and space alone mends it", async () => {
  // Not everybody may mount: then it is files that may not grow.
  using disk = smallFileSystem() ?? shortFiles();
  await fillAndFree(disk);
});

test("where files may not grow sends are refused as `unavailable`, reading goes on, and a longer limit mends it", async () => {
  using disk = shortFiles();
  await fillAndFree(disk);
});

async function fillAndFree(disk: SmallDisk): Promise<void> {
  await using server = await KillableServer.start({ dataDir: disk.dataDir }, disk.through);
  const ann = await person(server.url, "ann");
  const { id: room } = await ann.api.createRoom({ name: "hall" });
  const page = await ann.api.messages(room);
  const opened = { epoch: page.epoch, rooms: { [room]: page.seq }, open: [room] };
  const socket = await RawSocket.ready(server.url, await ann.token(), opened);

  const acks: Ack[] = [];
  const refused: ErrorFrame[] = [];
  while (refused.length < 2 * AT_ONCE) {
    expect(acks.length).toBeLessThan(3_000);
    for (const answer of await flood(socket, room, `s${acks.length + refused.length}`)) {
      if (answer.type === "ack") acks.push(answer);
      else refused.push(answer);
    }
  }
  expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(["unavailable"]));

  // Reading goes on, by page and by socket, and has nothing of what was refused.
  const newest = await ann.api.messages(room);
  expect([newest.n, newest.seq]).toEqual([acks.length, page.seq + acks.length]);
  expect(newest.items.at(-1)).toMatchObject({ id: acks.at(-1)?.id, n: acks.length });
  const [token, ...older] = [await ann.token(), ...newest.items.slice(-10)];
  const late = await RawSocket.ready(server.url, token, {
    epoch: page.epoch,
    rooms: { [room]: (older[0]?.seq ?? 0) - 1 },
    open: [room],
  });
  expect(late.all("message").map(({ n }) => n)).toEqual(older.map(({ n }) => n));
  await socket.settled();
  expect(socket.all("message").map(({ id }) => id)).toEqual(acks.map(({ id }) => id));
  // What is shorter than a message may have fitted still.
  const last = await createRooms(ann);
  expect(last).toMatchObject({ code: "unavailable" });

  disk.free(server.pid);
  for (const { nonce = "" } of refused) acks.push((await answered(socket, room, nonce)) as Ack);
  expect(acks.map(({ n }) => n)).toEqual(acks.map((_, at) => at + 1));
  expect(await ann.api.createRoom({ name: "once more" })).toMatchObject({ name: "once more" });

  await server.kill();
  const stored = readStored(server.file);
  expect(stored.complaints).toEqual([]);
  const [hall] = stored.rooms;
  expect(hall?.messages.map(({ id, n }) => [id, n])).toEqual(acks.map(({ id, n }) => [id, n]));
  expect(hall?.messages.map(({ content }) => content)).toEqual(acks.map(({ nonce }) => `${nonce} ${LONG}`));
  expect(stored.nonces).toBe(acks.length);
}

/** Until one is refused. */
async function createRooms(ann: Person): Promise<unknown> {
  for (let at = 1; at < 1_000; at++) {
    const refusal = await ann.api.createRoom({ name: `room ${at}` }).then(
      () => null,
      (error: unknown) => error,
    );
    if (refusal !== null) return refusal;
  }
  return null;
}

async function flood(socket: RawSocket, room: number, name: string): Promise<(Ack | ErrorFrame)[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, (_, at) => answered(socket, room, `${name}-${at}`)));
}

async function answered(socket: RawSocket, room: number, nonce: string): Promise<Ack | ErrorFrame> {
  const before = socket.heard.length;
  const answer = () => socket.heard.slice(before).find((frame) => "nonce" in frame && frame.nonce === nonce);
  socket.say({ type: "send", room_id: room, nonce, content: `${nonce} ${LONG}` });
  await socket.until(() => answer() !== undefined);
  return answer() as Ack | ErrorFrame;
}
