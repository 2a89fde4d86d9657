import { Database } from "bun:sqlite";
import { join } from "node:path";
import { SQL } from "bun";
import type { TestServer } from "./start-server.ts";

/** What stands in a server's database, read past the server. */
export interface Stored extends AsyncDisposable {
  contentOf(messageId: number): Promise<string | null>;
}

export async function openStored(server: TestServer): Promise<Stored> {
  if (server.databaseUrl === null) {
    const file = new Database(join(server.dataDir, "parlour.db"), { readonly: true });
    const content = file.query<{ content: string }, [number]>("SELECT content FROM messages WHERE id = ?");
    return {
      contentOf: async (id) => content.get(id)?.content ?? null,
      [Symbol.asyncDispose]: async () => file.close(),
    };
  }
  const sql = new SQL(server.databaseUrl, { max: 1 });
  return {
    contentOf: async (id) => (await sql.unsafe("SELECT content FROM parlour.messages WHERE id = $1", [id]))[0]?.content,
    [Symbol.asyncDispose]: () => sql.close(),
  };
}
