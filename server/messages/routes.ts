import { z } from "zod";
import { SendMessage } from "#shared/contract/rooms.ts";
import { Refusal } from "#shared/errors.ts";
import { Message, MessagePage } from "#shared/models.ts";
import { type Endpoint, endpoint, JsonText } from "../endpoint.ts";
import { idParam, limitParam, seqParam } from "../query.ts";
import type { PagePlace } from "./read-page.ts";

const tag = "Messages";
const params = z.strictObject({ id: idParam });
const pageQuery = z.strictObject({
  before: seqParam.optional(),
  after: seqParam.optional(),
  around: seqParam.optional(),
  limit: limitParam,
});

export const messageRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/rooms/{id}/messages",
      tag,
      summary: "A page of a room's messages, oldest first",
      who: "signed",
      params,
      query: pageQuery,
      status: 200,
      answer: MessagePage,
    },
    async ({ services, by, params: { id }, query }) => {
      const args = { roomId: id, place: placeIn(query), limit: query.limit };
      return new JsonText(await services.store.readText("page", by, args));
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/rooms/{id}/messages",
      tag,
      summary: "Send a message",
      who: "signed",
      params,
      body: SendMessage,
      status: 201,
      answer: Message,
    },
    async ({ services, by, params: { id }, body }) => {
      services.budgets.take("send", String(by.userId));
      return services.sends.sendAndWait(by, { roomId: id, nonce: body.nonce ?? null, content: body.content });
    },
  ),
  endpoint(
    {
      method: "get",
      path: "/messages/{id}",
      tag,
      summary: "One message",
      who: "signed",
      params,
      status: 200,
      answer: Message,
    },
    async ({ services, by, params: { id } }) => {
      const message = await services.store.read("message", by, { id });
      if (!message) throw new Refusal("not_found");
      return message;
    },
  ),
];

function placeIn(query: z.infer<typeof pageQuery>): PagePlace {
  const { before, after, around } = query;
  const given = [before, after, around].filter((seq) => seq !== undefined);
  if (given.length > 1) throw new Refusal("invalid", "Only one of before, after and around.", { field: "before" });
  if (before !== undefined) return { from: "before", seq: before };
  if (after !== undefined) return { from: "after", seq: after };
  if (around !== undefined) return { from: "around", seq: around };
  return { from: "newest" };
}
