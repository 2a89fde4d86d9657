import { expect, test } from "bun:test";
import { importFaults } from "./imports.ts";

const packages = { dependencies: { zod: "1", kysely: "1", hono: "1" }, devDependencies: { react: "1" } };

function faultsOf(path: string, text: string): string[] {
  return importFaults([{ path, text }], packages);
}

const wrong: [promise: string, path: string, text: string, fault: string][] = [
  ["shared knows no other folder", "shared/a.ts", 'import { b } from "#client/b.ts";', "shared/ imports client/b.ts"],
  ["shared knows no types of others either", "shared/a.ts", 'import type { B } from "#server/b.ts";', "server/b.ts"],
  ["the client does not know the web", "client/a.ts", 'import { b } from "#web/b.ts";', "client/ imports web/b.ts"],
  ["the web does not know the server", "web/a.tsx", 'export { b } from "#server/b.ts";', "web/ imports server/b.ts"],
  ["the server does not know the client", "server/a.ts", 'import "#client/b.ts";', "server/ imports client/b.ts"],
  ["a late import is an import", "web/a.ts", 'const b = await import("#server/b.ts");', "web/ imports server/b.ts"],
  ["an import over many lines is one", "web/a.ts", 'import type {\n  A,\n  B,\n} from "#server/b.ts";', "server/b.ts"],
  ["no path climbs out of its folder", "web/a.ts", 'import { b } from "../client/b.ts";', 'write "#client/b.ts"'],
  ["nouns do not know http", "server/rooms/a.ts", 'import { b } from "../http/b.ts";', "a noun imports server/http"],
  ["nouns do not know realtime", "server/auth/a.ts", 'import type { B } from "../realtime/b.ts";', "a noun imports"],
  ["nouns do not know hono", "server/users/a.ts", 'import { Hono } from "hono";', "a noun imports hono"],
  [
    "nouns do not know @hono",
    "server/users/a.ts",
    'import type { A } from "@hono/zod-openapi";',
    "a noun imports @hono",
  ],
  ["nouns do not know sockets", "server/rooms/a.ts", 'import type { ServerWebSocket } from "bun";', "ServerWebSocket"],
  ["the store knows no nouns", "server/store/a.ts", 'import { b } from "../rooms/b.ts";', "store imports server/rooms"],
  ["the bus knows no nouns", "server/bus/a.ts", 'import { b } from "../rooms/b.ts";', "store imports server/rooms"],
  ["the store knows no types of http", "server/store/a.ts", 'import type { B } from "../http/b.ts";', "store imports"],
  [
    "the store does not know who composes it",
    "server/store/actions.ts",
    'import { serve } from "../server.ts";',
    "which composes it",
  ],
  ["only the configuration reads the environment", "server/log.ts", "const a = process.env.LOG;", "reads process.env"],
  ["Bun's environment too", "server/rooms/a.ts", "const a = Bun.env.LOG;", "reads Bun.env"],
  ["http does not use kysely", "server/http/a.ts", 'import { sql } from "kysely";', "imports kysely"],
  ["realtime does not open SQLite", "server/realtime/a.ts", 'import { Database } from "bun:sqlite";', "bun:sqlite"],
  ["http writes no SQL", "server/http/a.ts", 'const a = "SELECT id FROM users WHERE id = 1";', "writes SQL"],
  ["commands write no kysely", "bin/a.ts", 'import { Kysely } from "kysely";', "imports kysely"],
  ["features do not know each other", "web/features/a/A.tsx", 'import { B } from "../b/B.tsx";', "feature a imports"],
  ["ui knows no features", "web/ui/A.tsx", 'import { B } from "../features/b/B.tsx";', "imports feature b"],
  ["models give the client types only", "client/a.ts", 'import { Room } from "#shared/models.ts";', "import type"],
  ["frames give the web types only", "web/a.ts", 'import { type A, B } from "#shared/frames.ts";', "import type"],
  ["contracts give the web types only", "web/a.ts", 'import { A } from "#shared/contract/rooms.ts";', "import type"],
  ["zod reaches the client by no detour", "shared/names.ts", 'import { z } from "zod";', "must not reach the browser"],
  ["schemas reach it by no detour", "shared/names.ts", 'import { Nonce } from "./frames.ts";', "import type"],
  ["packages are declared", "web/a.ts", 'import { x } from "lodash-es/x";', "imports lodash-es, which package.json"],
  ["a scope is part of a package's name", "bin/a.ts", 'import x from "@scope/x/y";', "imports @scope/x, which"],
  ["the server runs without devDependencies", "server/a.ts", 'import * as r from "react";', "not there in production"],
  ["the client runs in browsers", "client/a.ts", 'import { join } from "node:path";', "client/ imports node:path"],
  ["files parse", "web/a.ts", "function {", "does not parse"],
  ["files have names", "web/room-utils.ts", "", '"util" in a file\'s name'],
  ["components have names", "web/ui/SocketManager.tsx", "", '"Manager" in a file\'s name'],
];

for (const [promise, path, text, fault] of wrong) {
  test(promise, () => {
    const faults = faultsOf(path, text);
    expect(faults.join("\n")).toContain(fault);
    expect(faults.every((line) => line.startsWith(`${path}: `))).toBe(true);
  });
}

const right: [promise: string, path: string, text: string][] = [
  ["the web knows client and shared", "web/a.ts", 'import { a } from "#client/a.ts";\nimport "#shared/limits.ts";'],
  ["models give types to the client", "client/a.ts", 'import type { Room } from "#shared/models.ts";'],
  ["models hold zod", "shared/models.ts", 'import { z } from "zod";'],
  ["contracts build on frames", "shared/contract/a.ts", 'import { Nonce } from "../frames.ts";'],
  ["nouns know the store and each other", "server/rooms/a.ts", 'import "../store/sql.ts";\nimport "../users/b.ts";'],
  ["one table names the actions", "server/store/actions.ts", 'import { join } from "../rooms/join-room.ts";'],
  ["tests start what bin/ builds", "tests/support/a.ts", 'import { b } from "../../bin/b.ts";'],
  ["the writer sends", "server/store/sqlite/writer.ts", 'import { send } from "../../messages/send-message.ts";'],
  ["the store knows what actions answer", "server/store/store.ts", 'import type { A } from "../messages/a.ts";'],
  ["nouns write SQL", "server/rooms/a.ts", 'import { sql } from "kysely";\nconst a = "select id from rooms";'],
  ["the room composes features", "web/features/room/A.tsx", 'import { B } from "../composer/B.tsx";'],
  ["the app shows features", "web/App.tsx", 'import { B } from "./features/b/B.tsx";'],
  ["the configuration reads the environment", "server/config.ts", "const a = process.env.PORT;"],
  ["a comment is not code", "server/log.ts", "// process.env is read elsewhere\nconst a = 1;"],
  ["a test beside its unit may use a server", "client/a.test.ts", 'import { s } from "#tests/support/s.ts";'],
];

for (const [promise, path, text] of right) {
  test(`allowed: ${promise}`, () => expect(faultsOf(path, text)).toEqual([]));
}
