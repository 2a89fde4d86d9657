import { Database } from "bun:sqlite";
import { join } from "node:path";
import { SQL } from "bun";
import type { Param } from "#server/store/sql.ts";
import type { TestServer } from "./start-server.ts";

/** What stands in a server's database, read and written past the server. `?` stands for each parameter. */
export interface Stored extends AsyncDisposable {
  rows<Row>(text: string, ...params: Param[]): Promise<Row[]>;
}

export async function openStored(server: Pick<TestServer, "dataDir" | "databaseUrl">): Promise<Stored> {
  if (server.databaseUrl === null) {
    const file = new Database(join(server.dataDir, "parlour.db"));
    return {
      rows: async <Row>(text: string, ...params: Param[]) => file.query<Row, Param[]>(text).all(...params),
      [Symbol.asyncDispose]: async () => file.close(),
    };
  }
  const sql = new SQL(server.databaseUrl, { max: 1, bigint: true });
  await sql.unsafe("SET search_path = parlour");
  return {
    async rows<Row>(text: string, ...params: Param[]) {
      let at = 0;
      const found: Record<string, unknown>[] = await sql.unsafe(
        text.replaceAll("?", () => {
          at += 1;
          return `$${at}`;
        }),
        params,
      );
      const plain = (value: unknown) => (typeof value === "bigint" ? Number(value) : value);
      return found.map(
        (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])) as Row,
      );
    },
    [Symbol.asyncDispose]: () => sql.close(),
  };
}
