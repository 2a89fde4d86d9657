import { eventually } from "#tests/support/eventually.ts";
import { standInFront } from "#tests/support/in-front.ts";
import { startNats } from "#tests/support/nats.ts";
import { type Person, person } from "#tests/support/people.ts";
import { testPostgres } from "#tests/support/postgres.ts";
import { openStored } from "#tests/support/stored.ts";
import { readAll, settled } from "../faults/final-reads.ts";
import { Ghost } from "../faults/ghost.ts";
import { judge } from "../faults/judge.ts";
import { KillableServer } from "../faults/killable-server.ts";
import { readPostgres } from "../faults/read-postgres.ts";
import { Talker } from "../faults/talker.ts";
import type { HistoryEntry } from "../fuzz/check-history.ts";
import type { OtherVersion } from "./check-out.ts";
import { doEverything, onNode } from "./do-everything.ts";

export interface Update {
  acknowledged: number;
  received: number;
  removals: number;
  /** How often a line that was cut or drained was live again. */
  resumed: number;
  failures: string[];
}

const TALKERS = 16;
const GHOSTS = 4;
const ROOMS = 6;
const SAYS_EVERY = 120;
const PART = 4_000;
const ENDS_WITHIN = 10_000;

/**
 * Two nodes of another version behind one address. First one, then the other is stopped and this version put in its
 * place; in between both run on one database, which the newer one has migrated under the older. People talk all the time,
 * half of them by the other version's client; some are removed, lines are cut, and every other thing is done from each
 * node and seen on the other.
 */
export async function rollingUpdate(other: OtherVersion, say: (line: string) => void): Promise<Update> {
  const databaseUrl = await (await testPostgres()).createDatabase();
  const nats = await startNats();
  const env = { DATABASE_URL: databaseUrl, NATS_URL: nats.url, SECRET_KEY: "of the tests alone, and long enough" };
  const nodes = [await oldNode(), await oldNode()] as [KillableServer, KillableServer];
  const started = [...nodes];
  let up = nodes.map((node) => node.url);
  const front = await standInFront(() => up);
  const address = `http://127.0.0.1:${front.port}`;
  const history: HistoryEntry[] = [];
  const talkers: Talker[] = [];
  const ghosts: Ghost[] = [];
  let resumed = 0;
  let owner: Person;

  function oldNode(): Promise<KillableServer> {
    return KillableServer.start({ env, program: other.folder });
  }
  /** As a rolling restart does it: the load balancer knows, the old one tells its people, the new one has its port. */
  async function replace(at: 0 | 1): Promise<void> {
    const { url } = nodes[at];
    up = up.filter((each) => each !== url);
    await nodes[at].stop();
    const node = new KillableServer({ env });
    node.url = url;
    started.push(node);
    await node.start();
    nodes[at] = node;
    up = nodes.map((each) => each.url);
  }
  const allLive = () =>
    eventually(() => {
      const away = talkers.filter(({ chat }) => chat.line.state !== "live").map(({ name }) => name);
      if (away.length > 0) throw new Error(`These do not come back: ${away.join(", ")}.`);
    }, 30_000);

  async function sideBySide(removeGhosts: () => Promise<void>): Promise<string[]> {
    const [old, fresh] = nodes;
    say(
      "everything is done on the old node and seen on the new, and the other way round; lines are cut, people removed",
    );
    const removing = removeGhosts();
    for (const [at, talker] of talkers.entries()) if (at % 4 < 2) talker.cut();
    const differences = [
      ...(await doEverything({ by: old.url, seenAt: fresh.url, name: "old", other, owner })),
      ...(await doEverything({ by: fresh.url, seenAt: old.url, name: "new", other, owner })),
    ];
    await removing;
    for (const [at, talker] of talkers.entries()) if (at % 4 > 1) talker.cut();
    await Bun.sleep(PART);
    return differences;
  }

  try {
    owner = await person(address, "owner");
    const folk = await Promise.all(Array.from({ length: TALKERS + GHOSTS }, (_, at) => person(address, `p${at}`)));
    const rooms = await roomsOf(owner, folk);
    for (const [at, one] of folk.entries()) {
      const own = [0, 1].map((more) => rooms[(at + more * 2) % ROOMS] ?? 0);
      if (at >= TALKERS) ghosts.push(new Ghost(one, address, rooms));
      else {
        const wishes = { every: SAYS_EVERY, ...(at % 2 === 0 ? {} : { made: other.Chat }) };
        talkers.push(new Talker(one.username, one, address, own, history, wishes));
      }
    }
    for (const { chat } of talkers) {
      chat.on((notice) => {
        if (notice.type === "line" && notice.line.state === "live") resumed += 1;
      });
    }
    await allLive();
    say("two nodes of the other version: people talk");
    await Bun.sleep(PART);
    say("this version in the place of the second; it migrates while the first runs");
    await replace(1);
    const failures: string[] = [];
    const removeGhosts = () =>
      removeAll(
        nodes.filter(({ url }) => up.includes(url)).map(({ url }) => onNode(owner, url)),
        ghosts,
        rooms,
      );
    const needs = await neededBy(databaseUrl);
    if (needs > other.schema) {
      say(`the database needs schema ${needs} now: the other version tells its people and stops by itself`);
      const isLate = await Promise.race([nodes[0].ended(), Bun.sleep(ENDS_WITHIN).then(() => true)]);
      if (isLate) failures.push("the other version runs on, on a database that it does not know");
      up = [nodes[1].url];
      await Promise.all([removeGhosts(), Bun.sleep(PART)]);
    } else {
      await allLive();
      failures.push(...(await sideBySide(removeGhosts)));
    }
    await allLive();
    say("this version in the place of the first as well");
    await replace(0);
    await Bun.sleep(PART);
    await allLive();
    for (const talker of talkers) talker.rest();
    await settled(talkers, owner, rooms);
    const pages = [];
    for (const [at, { url }] of nodes.entries())
      pages.push(...(await readAll(onNode(owner, url), `node ${at}`, rooms, history)));
    const stored = await readPostgres(databaseUrl);
    // What else was said is not of the talk; the nonce of what was deleted is gone with it.
    const others = stored.rooms.filter(({ id }) => !rooms.includes(id)).flatMap(({ messages }) => messages);
    const nonces = stored.nonces - others.filter(({ content }) => content !== "").length;
    const judgement = judge({
      history,
      pages,
      replicas: talkers.flatMap(({ name, chat }) =>
        [...chat.replica.logs].map(([room, log]) => ({ device: name, room, messages: log.messages })),
      ),
      stored: {
        ...stored,
        rooms: stored.rooms.filter(({ id }) => rooms.includes(id)),
        nonces,
      },
      complaints: [
        ...talkers.flatMap(({ faults }) => faults.filter((fault) => !fault.endsWith(": unavailable"))),
        ...ghosts.flatMap((ghost) => ghost.judge(stored.removals)),
        ...started.flatMap(({ errors }) => errors.match(/^.*(was not understood|"level":"error").*$/gm) ?? []),
      ],
    });
    return {
      acknowledged: judgement.verdict.acknowledged,
      received: judgement.verdict.received,
      removals: stored.removals.length,
      resumed,
      failures: [...failures, ...judgement.failures],
    };
  } finally {
    for (const one of [...talkers, ...ghosts]) one.end();
    await front.close();
    for (const node of started) await node[Symbol.asyncDispose]();
    await nats.stop();
  }
}

/** The schema that a program must know to write there. */
async function neededBy(databaseUrl: string): Promise<number> {
  await using stored = await openStored({ dataDir: "", databaseUrl });
  const [row] = await stored.rows<{ needs: number }>("SELECT max(needs) AS needs FROM schema_versions");
  return row?.needs ?? 0;
}

async function roomsOf(owner: Person, folk: readonly Person[]): Promise<number[]> {
  const rooms: number[] = [];
  for (let at = 0; at < ROOMS; at++) {
    const { id } = await owner.api.createRoom({ name: `room ${at}`, kind: at % 2 ? "private" : "public" });
    await owner.api.addMembers(
      id,
      folk.map((one) => one.id),
    );
    rooms.push(id);
  }
  return rooms;
}

/** One on the one node, the next on the other. */
async function removeAll(owners: readonly Person[], ghosts: readonly Ghost[], rooms: readonly number[]): Promise<void> {
  for (const [at, ghost] of ghosts.entries()) {
    for (const room of rooms.slice(1)) {
      await owners[(at + room) % owners.length]?.api.removeMember(room, ghost.person.id);
      await Bun.sleep(50);
    }
  }
}
