import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { startTestServer } from "#tests/support/start-server.ts";
import { pythonPath } from "./python.ts";

const folder = join(import.meta.dir, "foreign");
const SECONDS = 60;
let python: string;

beforeAll(async () => {
  python = await pythonPath();
}, 300_000);

const STORIES = [
  ["a bot walks through every door of a room's socket", "plain_socket.py"],
  ["rooms by id: an admin signs up first, makes a room, two talk, history pages, the room goes", "rooms_by_id.py"],
  ["rooms by name: connecting to a new name makes the room and the two there talk", "rooms_by_name.py"],
  ["a front end of its own: form login, refresh, history and newest messages", "front_end_of_its_own.py"],
  ["room admins: anyone makes rooms, plain text is heard, accounts and passwords change", "room_admins.py"],
  ["a script of the other socket library, which knows no waiting, and a crowd in one room", "crowd.py"],
  ["the documents' commands are typed as they stand", "by_curl.sh"],
] as const;

for (const [story, script] of STORIES) {
  test(
    `${story} (${script})`,
    async () => {
      await using server = await startTestServer();
      await tell(script, server.url);
      expect(server.logged.filter((line) => /"level":"error"/.test(line))).toEqual([]);
    },
    (SECONDS + 10) * 1_000,
  );
}

/** Runs a script against the server; what fails shows the end of what it printed. */
async function tell(script: string, url: string): Promise<void> {
  const program = script.endsWith(".py") ? [python, "-B"] : ["sh", "-eu"];
  const child = Bun.spawn([...program, join(folder, script), url], {
    cwd: folder,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C.UTF-8", no_proxy: "*" },
  });
  const tooLong = setTimeout(() => child.kill("SIGKILL"), SECONDS * 1_000);
  const [said, errors, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), child.exited]);
  clearTimeout(tooLong);
  const ended = child.signalCode === null ? `ended with ${code}` : `was ended after ${SECONDS} s`;
  if (code !== 0) throw new Error(`${script} ${ended}:\n${`${said}${errors}`.split("\n").slice(-30).join("\n")}`);
  expect(said).toContain("the story is told");
}

function textOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  return new Response(stream).text();
}
