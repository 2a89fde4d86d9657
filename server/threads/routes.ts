import { z } from "zod";
import { MarkRead } from "#shared/contract/rooms.ts";
import { FollowedThreads, SetThreadLevel, ThreadPage } from "#shared/contract/threads.ts";
import { type Endpoint, endpoint, JsonText } from "../endpoint.ts";
import { pageQuery, placeIn } from "../messages/page-query.ts";
import { idParam, limitParam, seqParam } from "../query.ts";

const tag = "Threads";
const params = z.strictObject({ id: idParam, root: idParam.describe("The message that the thread hangs on") });
const listQuery = z.strictObject({ cursor: seqParam.default(Number.MAX_SAFE_INTEGER), limit: limitParam });

export const threadRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/me/threads",
      tag,
      summary: "The threads one follows, the one with the newest activity first",
      who: "signed",
      query: listQuery,
      status: 200,
      answer: FollowedThreads,
    },
    async ({ services, by, query }) =>
      services.store.read("list-threads", by, { before: query.cursor, limit: query.limit }),
  ),
  endpoint(
    {
      method: "get",
      path: "/rooms/{id}/threads/{root}/messages",
      tag,
      summary: "A page of a thread, oldest first",
      who: "signed",
      params,
      query: pageQuery,
      status: 200,
      answer: ThreadPage,
    },
    async ({ services, by, params: { id, root }, query }) => {
      const args = { roomId: id, rootId: root, place: placeIn(query), limit: query.limit };
      return new JsonText(await services.store.readText("thread", by, args));
    },
  ),
  endpoint(
    {
      method: "put",
      path: "/rooms/{id}/threads/{root}/follow",
      tag,
      summary: "Follow a thread from here on",
      who: "signed",
      params,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id, root } }) =>
      services.store.write("follow", by, { roomId: id, rootId: root, on: true }),
  ),
  endpoint(
    {
      method: "delete",
      path: "/rooms/{id}/threads/{root}/follow",
      tag,
      summary: "Follow a thread no more",
      who: "signed",
      params,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id, root } }) =>
      services.store.write("follow", by, { roomId: id, rootId: root, on: false }),
  ),
  endpoint(
    {
      method: "put",
      path: "/rooms/{id}/threads/{root}/notify",
      tag,
      summary: "Choose what one is told of in a thread, which follows it: all, what calls one, or nothing",
      who: "signed",
      params,
      body: SetThreadLevel,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id, root }, body }) =>
      services.store.write("set-thread-level", by, { roomId: id, rootId: root, level: body.level }),
  ),
  endpoint(
    {
      method: "put",
      path: "/rooms/{id}/threads/{root}/read",
      tag,
      summary: "Move one's cursor in a thread that one follows forward",
      who: "signed",
      params,
      body: MarkRead,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id, root }, body }) =>
      services.store.write("mark-thread-read", by, { roomId: id, rootId: root, seq: body.seq }),
  ),
];
