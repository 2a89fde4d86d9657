import { z } from "zod";
import { Message } from "#shared/models.ts";
import { authRoutes } from "../auth/routes.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam, limitParam } from "../query.ts";
import { bareMessages, messagesHeaders, messagesQuery } from "./bare-lists.ts";

/**
 * For a front end on a port of its own that logs in by the OAuth2 form, refreshes, and reads its history under
 * /api/v1/chat. Its document names the same addresses without the prefix; there browsers find the web's own pages.
 */
const tag = "Compatibility: versioned, with a refresh token";
const PREFIX = "/api/v1";

export const versioned: Endpoint[] = [
  ...authRoutes
    .filter(({ path }) => path === "/token" || path === "/token/refresh")
    .map((taken): Endpoint => ({ ...taken, tag })),
  newestAt(`${PREFIX}/chat`),
  historyAt(`${PREFIX}/chat/history`),
  { ...newestAt("/chat"), alsoPage: true },
  { ...historyAt("/chat/history"), alsoPage: true },
];

function newestAt(path: string): Endpoint {
  return endpoint(
    {
      method: "get",
      path,
      tag,
      summary: "The newest messages of all rooms one may read, oldest first",
      who: "signed",
      query: z.strictObject({ limit: limitParam }),
      status: 200,
      answer: z.array(Message),
    },
    async ({ services, by, query: { limit } }) => services.store.read("newest", by, { limit }),
  );
}

function historyAt(path: string): Endpoint {
  return endpoint(
    {
      method: "get",
      path,
      tag,
      summary: "One room's messages, oldest first; X-Next-Cursor is the `before` of the next older page",
      who: "signed",
      query: z.strictObject({ room_id: idParam, ...messagesQuery.shape }),
      answerHeaders: messagesHeaders,
      status: 200,
      answer: z.array(Message),
    },
    async (call) => {
      const { room_id } = call.query;
      return bareMessages(call, room_id, call.query, `${path}?room_id=${room_id}`);
    },
  );
}
