import { join } from "node:path";
import type { Plan } from "./run-all.ts";

/** One thing that `npm test` does. What it needs must be there; a step that cannot run has failed. */
export type Step = { name: string; minutes: number; needs: readonly string[] } & (
  | { kind: "command"; command: readonly string[]; says?: RegExp } // says: what a run that came to its end prints
  | {
      kind: "tests";
      folders: readonly string[];
      except?: readonly string[];
      flags: readonly string[];
      env?: Record<string, string>;
    }
);

const root = join(import.meta.dir, "../..");
const bun = process.execPath;
const installed = (name: string) => join(root, "node_modules/.bin", name);

/** Parts that are still being written; each is told as skipped until it is there. Empty in a finished project. */
export const notYetThere: readonly string[] = [];

/** Two files at a time, since the servers that they start leave half of two cores idle; a process keeps its database. */
const besideEachOther = ["--parallel=2", "--no-isolate"];

/** What breaks everything around many nodes, on purpose and for long. */
const leftToTheLongForm = [
  "tests/cluster/busy-database.test.ts",
  "tests/cluster/pgbouncer.test.ts",
  "tests/cluster/without-bus.test.ts",
  "tests/cluster/worse-bus.test.ts",
  "tests/faults/cluster.test.ts",
];

const walks = (...names: string[]) => names.map((name) => `tests/e2e/${name}.test.ts`);

/** From sign-up to log-out, a kill, the page's policy and the one executable. */
const quickWalks = walks("talk", "kill", "csp", "executable");

/** What two people do to each other: here each page is another node's. */
const onManyNodes = walks("kill", "talk", "rooms-and-people", "changed-messages");
const onThreeNodes = ["env", "PARLOUR_TEST_NODES=3", bun];
const threeNodes = { flags: ["--timeout=60000"], env: { PARLOUR_TEST_NODES: "3" } };

export const quick = {
  minutes: 12,
  steps: stepsWith({ minutes: 1, isWhole: false }, ["tests/store"], leftToTheLongForm),
};
export const everything = {
  minutes: 60,
  steps: stepsWith({ minutes: 8, isWhole: true }, ["tests/store", "tests/api", "tests/attacks", "tests/compat"]),
};

/** `minutes`: how long fuzz and faults go on. */
function stepsWith(
  { minutes, isWhole }: { minutes: number; isWhole: boolean },
  onPostgres: string[],
  left: string[] = [],
) {
  return [
    command(
      "format and lint",
      1,
      [installed("biome"), "ci", "--colors=off", "--error-on-warnings", "--max-diagnostics=200"],
      /^Checked/m,
    ),
    command("types", 3, [installed("tsc"), "-b"]),
    command("unused code", 1, [installed("knip"), "--no-progress"]),
    script("imports", 1, "bin/check/imports.ts", [], / 0 wrong imports$/m),
    script("protocol rules", 1, "bin/check/protocol.ts", [], /^0 rules and tests/m),
    script("versions", 1, "bin/check/floors.ts", [], /^SQLite /m),
    { ...script("web build", 1, "bin/build-web.ts", [], /^first load/m), needs: ["bin/build-web.ts", "web/main.tsx"] },
    tests("unit tests", 2, ["shared", "client", "web", "server", "bin"], { folders: ["bench"], flags: [] }),
    script("python clients", 2, "tests/compat/python.ts", [], /python/),
    tests(
      "server tests",
      isWhole ? 9 : 6,
      ["tests/api", "tests/realtime", "tests/attacks", "tests/compat", "tests/faults"],
      {
        folders: ["tests"],
        except: ["tests/e2e", "tests/store", "tests/moving", ...left],
        flags: ["--timeout=20000", ...besideEachOther],
      },
    ),
    tests("moving house", 2, ["tests/moving"], { folders: [], flags: ["--timeout=20000"] }),
    tests("server tests on PostgreSQL", 2 * onPostgres.length + 3, ["tests/realtime", ...onPostgres], {
      folders: [],
      flags: ["--timeout=20000", ...besideEachOther],
      env: { PARLOUR_TEST_STORE: "postgres" },
    }),
    // Everybody in them sits on another node than the one before.
    ...(isWhole
      ? [
          tests("socket tests on three nodes", 9, ["tests/realtime"], {
            folders: [],
            flags: [...threeNodes.flags, ...besideEachOther],
            env: threeNodes.env,
          }),
          script("two versions at once", 2, "tests/cluster/adjacent.ts", [], /^all well$/m),
          command("fuzz on three nodes", 3, [...onThreeNodes, "tests/fuzz/campaign.ts", "--minutes=2"], /\b0 failed$/m),
          script("a million messages moved there and back", 5, "tests/moving/million.ts", [], /^all equal$/m),
          script("three nodes under faults", 7, "tests/faults/cluster.ts", ["--minutes=5"], /^all well$/m),
        ]
      : []),
    // They wait more than they compute.
    [
      ...(isWhole
        ? [
            tests("10,000 unread histories", 13, ["tests/realtime/unread.test.ts"], {
              folders: [],
              flags: [],
              env: { PARLOUR_UNREAD_HISTORIES: "10000" },
            }),
          ]
        : []),
      script("fuzz", minutes + 1, "tests/fuzz/campaign.ts", [`--minutes=${minutes}`], /\b0 failed$/m),
      script("faults", minutes + 1, "tests/faults/campaign.ts", [`--minutes=${minutes}`], /\b0 failed$/m),
    ],
    script("chromium", 4, "tests/e2e/chromium.ts", [], /chrom/),
    tests("browser tests", isWhole ? 14 : 5, isWhole ? ["tests/e2e"] : quickWalks, {
      folders: [],
      flags: ["--timeout=60000"],
    }),
    ...(isWhole ? [tests("browser tests on three nodes", 5, onManyNodes, { folders: [], ...threeNodes })] : []),
  ] satisfies Plan["steps"];
}

function command(name: string, minutes: number, words: readonly string[], says?: RegExp) {
  return { kind: "command", name, minutes, needs: [], command: words, ...(says && { says }) } as const;
}

function script(name: string, minutes: number, path: string, words: readonly string[] = [], says?: RegExp) {
  return { ...command(name, minutes, [bun, path, ...words], says), needs: [path] };
}

/** Each folder that is needed must hold a test; the further ones may. */
function tests(
  name: string,
  minutes: number,
  needs: string[],
  more: Pick<Step & { kind: "tests" }, "folders" | "except" | "flags" | "env">,
) {
  return { kind: "tests", name, minutes, needs, ...more, folders: [...needs, ...more.folders] } as const;
}
