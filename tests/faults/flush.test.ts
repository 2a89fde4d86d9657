import { afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ack, ErrorFrame } from "#shared/frames.ts";
import { person } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { auditFlushes } from "./audit-flushes.ts";
import { KillableServer } from "./killable-server.ts";
import { readStored } from "./read-file.ts";
import { needStrace, traceOf, underStrace } from "./strace.ts";

const WRITES = "trace=fdatasync,fsync,write,writev,pwrite64,pwritev,sendto,sendmsg";
const FLUSHES = "trace=fdatasync,fsync";

let folder: string;
let trace: string;

beforeAll(needStrace, 120_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "parlour-trace-"));
  trace = join(folder, "trace");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("[S1] every acknowledgement leaves the server after the flush of what it acknowledges", async () => {
  await using server = await KillableServer.start({}, underStrace(trace, WRITES));
  const { ann, room } = await furnish(server);
  const socket = await RawSocket.ready(server.url, await ann.token());
  const nonces = Array.from({ length: 30 }, (_, at) => `flushed-${at}`);
  for (const nonce of nonces) expect(await answered(socket, room, nonce)).toMatchObject({ type: "ack" });
  const { pid } = server;
  await server.stop();

  expect(auditFlushes(await traceOf(trace, pid))).toEqual({ acks: nonces, faults: [] });
});

test("a slow disk delays acknowledgements, and nobody's pings", async () => {
  await using server = await KillableServer.start();
  const { ann, room } = await furnish(server);
  await server.stop();
  await server.start(underStrace(trace, FLUSHES, "inject=fdatasync,fsync:delay_enter=300000"));
  const socket = await RawSocket.ready(server.url, await ann.token());
  const other = await RawSocket.ready(server.url, await ann.token());

  for (const nonce of ["slow-1", "slow-2", "slow-3", "slow-4"]) {
    const begun = performance.now();
    const waiting = { isOver: false };
    const answer = answered(socket, room, nonce).finally(() => Object.assign(waiting, { isOver: true }));
    let pongs = 0;
    for (; !waiting.isOver; pongs++) await other.settled();
    expect(await answer).toMatchObject({ type: "ack" });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(300);
    // One after another while one send waits: each took a small part of its time.
    expect(pongs).toBeGreaterThan(10);
  }
});

test("[S1] a send whose flush fails is refused as `unavailable`, is told to nobody, and can be sent again", async () => {
  await using server = await KillableServer.start();
  const { ann, room } = await furnish(server);
  await server.stop();
  // Counted in each thread for itself: only the writer comes so far.
  await server.start(underStrace(trace, FLUSHES, "inject=fdatasync,fsync:error=EIO:when=4"));
  const { epoch, seq } = await ann.api.messages(room);
  const socket = await RawSocket.ready(server.url, await ann.token(), { epoch, rooms: { [room]: seq }, open: [room] });
  const nonces = ["one", "two", "three", "four", "five", "six"];
  const refused: string[] = [];
  for (const nonce of nonces) {
    const answer = await answered(socket, room, nonce);
    if (answer.type === "ack") continue;
    expect(answer.code).toBe("unavailable");
    refused.push(nonce);
    expect((await ann.api.messages(room)).items.map(({ content }) => content)).not.toContain(`I say ${nonce}`);
  }
  expect(refused).toHaveLength(1);
  await socket.settled();
  const others = nonces.filter((nonce) => !refused.includes(nonce)).map((nonce) => `I say ${nonce}`);
  expect(socket.all("message").map(({ content }) => content)).toEqual(others);

  expect(await answered(socket, room, refused[0]!)).toMatchObject({ type: "ack", n: 6 });
  const all = [...others, `I say ${refused[0]}`];
  expect((await ann.api.messages(room)).items.map(({ content }) => content)).toEqual(all);
  await server.kill();
  const stored = readStored(server.file);
  expect(stored).toMatchObject({ complaints: [], nonces: 6, rooms: [{ id: room, n: 6 }] });
  expect(stored.rooms[0]?.messages.map(({ content }) => content)).toEqual(all);
});

test("a send that was refused because its flush failed is not there after a kill", async () => {
  await using server = await KillableServer.start();
  const { ann, room } = await furnish(server);
  await server.stop();
  await server.start(underStrace(trace, FLUSHES, "inject=fdatasync,fsync:error=EIO:when=4+"));
  const socket = await RawSocket.ready(server.url, await ann.token());
  let nonce = "";
  for (let at = 1; at <= 10 && socket.all("error").length === 0; at++) {
    nonce = `refused-${at}`;
    await answered(socket, room, nonce);
  }
  expect(socket.all("error")).toMatchObject([{ code: "unavailable", nonce }]);
  const acked = socket.all("ack").map((ack) => `I say ${ack.nonce}`);
  await server.kill();
  await server.start();
  expect((await ann.api.messages(room)).items.map(({ content }) => content)).toEqual(acked);
  const again = await RawSocket.ready(server.url, await ann.token());
  expect(await answered(again, room, nonce)).toMatchObject({ type: "ack", n: acked.length + 1 });
});

test("a mark that cannot be moved refuses nothing that is stored", async () => {
  await using server = await KillableServer.start();
  const { ann, room } = await furnish(server);
  await server.stop();
  const stuck = underStrace(trace, "trace=pwrite64", "inject=pwrite64:error=ENOSPC:when=2+");
  await server.start([...stuck, "-P", join(server.dataDir, "mark")]);
  const socket = await RawSocket.ready(server.url, await ann.token());
  for (const nonce of ["one", "two", "three"]) {
    expect(await answered(socket, room, nonce)).toMatchObject({ type: "ack" });
  }
  await server.kill();
  expect(server.errors).toContain("the mark beside the database was not moved");
});

describe("the audit of flushes", () => {
  const write = `11 pwrite64(10</data/parlour.db-wal>, "\\r\\0"..., 4096, 4152) = 4096`;
  const flush = "11 fsync(10</data/parlour.db-wal>) = 0";
  const ack = String.raw`9 sendto(20<socket:[2050144]>, "\201i{\"type\":\"ack\",\"nonce\":\"one\",\"room_id\":1}", 107, 0, NULL, 0) = 107`;
  const faultsOf = (...lines: string[]) => auditFlushes(lines.join("\n")).faults;

  test("finds nothing wrong where the flush comes first", () => {
    expect(auditFlushes([write, flush, ack].join("\n"))).toEqual({ acks: ["one"], faults: [] });
    expect(
      faultsOf(write, "11 fsync(10</data/parlour.db-wal> <unfinished ...>", "11 <... fsync resumed>) = 0", ack),
    ).toEqual([]);
  });

  test("finds an acknowledgement that leaves before the flush, without one, or before it ends", () => {
    expect(faultsOf(write, ack, flush)).toEqual(["one: not flushed"]);
    expect(faultsOf(write, ack)).toEqual(["one: not flushed"]);
    expect(
      faultsOf(write, "11 fsync(10</data/parlour.db-wal> <unfinished ...>", ack, "11 <... fsync resumed>) = 0"),
    ).toEqual(["one: not flushed"]);
  });

  test("finds an acknowledgement of what was written after the flush began, or never", () => {
    expect(faultsOf(flush, write, ack)).toEqual(["one: not flushed"]);
    expect(
      faultsOf("11 fsync(10</data/parlour.db-wal> <unfinished ...>", write, "11 <... fsync resumed>) = 0", ack),
    ).toEqual(["one: not flushed"]);
    expect(faultsOf(ack)).toEqual(["one: nothing was written"]);
    expect(faultsOf(write, flush, ack, ack)).toEqual(["one: nothing was written"]);
  });

  test("finds an acknowledgement after a flush that failed, or one of another file", () => {
    expect(faultsOf(write, "11 fsync(10</data/parlour.db-wal>) = -1 EIO (Input/output error)", ack)).toEqual([
      "one: not flushed",
    ]);
    expect(faultsOf(write, "11 fsync(9</data/parlour.db>) = 0", ack)).toEqual(["one: not flushed"]);
  });
});

async function furnish(server: KillableServer) {
  const ann = await person(server.url, "ann");
  const { id: room } = await ann.api.createRoom({ name: "hall" });
  return { ann, room };
}

async function answered(socket: RawSocket, room: number, nonce: string): Promise<Ack | ErrorFrame> {
  const before = socket.heard.length;
  const answer = () => socket.heard.slice(before).find((frame) => "nonce" in frame && frame.nonce === nonce);
  socket.say({ type: "send", room_id: room, nonce, content: `I say ${nonce}` });
  await socket.until(() => answer() !== undefined, 15_000);
  return answer() as Ack | ErrorFrame;
}
