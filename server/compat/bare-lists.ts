import { z } from "zod";
import type { Message } from "#shared/models.ts";
import type { Signed } from "../auth/sessions.ts";
import type { PagePlace } from "../messages/read-page.ts";
import { idParam, limitParam, seqParam } from "../query.ts";
import type { Services } from "../services.ts";

/** Lists as these clients know them: bare arrays. Where one goes on is said in the headers. */

// Their clients ask once and take what comes for everything.
const MOST = 10_000;

export const messagesQuery = z.object({
  limit: limitParam,
  before: idParam.optional().describe("The id of a message: older ones than it"),
  cursor: idParam.optional().describe("The same as before"),
});

export const wholeQuery = z.object({ cursor: seqParam.default(0).describe("The X-Next-Cursor of the answer before") });

export const wholeHeaders = {
  "X-Next-Cursor": "The `cursor` of what follows, where the list is longer than one answer",
};

export const messagesHeaders = {
  "X-Next-Cursor": "The `before` of the next older page; not there at the beginning of the room",
  Link: "The address of the next older page, as rel=next",
};

interface Asked {
  readonly services: Services;
  readonly by: Signed;
  readonly headers: Headers;
}

/** A room's messages without those that were deleted, which these clients do not know, oldest first. `path` is the address that is asked, for the link to the next page. */
export async function bareMessages(
  { services, by, headers }: Asked,
  roomId: number,
  query: z.infer<typeof messagesQuery>,
  path: string,
): Promise<Message[]> {
  const id = query.before ?? query.cursor;
  const place: PagePlace = id === undefined ? { from: "newest" } : { from: "before-message", id };
  const { items, before } = await services.store.read("page", by, { roomId, place, limit: query.limit, of: "said" });
  const oldest = items[0];
  if (before !== null && oldest) {
    const join = path.includes("?") ? "&" : "?";
    headers.set("x-next-cursor", String(oldest.id));
    headers.set("link", `<${path}${join}before=${oldest.id}&limit=${query.limit}>; rel="next"`);
  }
  return items;
}

/** All of a list, in one array. */
export async function bareItems<Item>(
  headers: Headers,
  cursor: number,
  read: (args: { after: number; limit: number }) => Promise<{ items: Item[]; next: string | null }>,
): Promise<Item[]> {
  const { items, next } = await read({ after: cursor, limit: MOST });
  if (next !== null) headers.set("x-next-cursor", next);
  return items;
}
