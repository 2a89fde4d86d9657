import { z } from "zod";
import {
  EditMessage,
  ErasureReceipt,
  FormerTexts,
  PinList,
  PinnedIds,
  ReactionList,
} from "#shared/contract/messages.ts";
import { SendMessage } from "#shared/contract/rooms.ts";
import { Message, MessagePage } from "#shared/models.ts";
import { type Asking, type Endpoint, endpoint, JsonText } from "../endpoint.ts";
import { idParam } from "../query.ts";
import type { MessageAt } from "./message-for.ts";
import { pageQuery, placeIn } from "./page-query.ts";

const tag = "Messages";
const params = z.strictObject({ id: idParam });
const reactionParams = z.strictObject({ id: idParam, emoji: z.string().describe("One emoji, percent-encoded") });
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
      answersAgain: true,
      status: 201,
      answer: Message,
    },
    async ({ services, by, params: { id }, body }) => {
      services.budgets.take("send", String(by.userId));
      return services.sends.sendAndWait(by, {
        roomId: id,
        nonce: body.nonce ?? null,
        content: body.content,
        replyTo: body.reply_to,
        thread: body.thread,
      });
    },
    async ({ services, by, params: { id } }) => services.store.read("may-in", by, { roomId: id, action: "reply" }),
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
    async (call) => seen(call),
  ),
  endpoint(
    {
      method: "patch",
      path: "/messages/{id}",
      tag,
      summary: "Put other words into one's own message",
      who: "signed",
      params,
      body: EditMessage,
      status: 200,
      answer: Message,
    },
    async (call) => {
      const { services, by, body } = call;
      services.budgets.take("send", String(by.userId));
      return services.store.write("edit-message", by, { ...(await placeOf(call)), content: body.content });
    },
    seen,
  ),
  endpoint(
    {
      method: "delete",
      path: "/messages/{id}",
      tag,
      summary: "Take a message back: nothing of its words is left",
      who: "signed",
      params,
      status: 204,
      answer: null,
    },
    async (call) => call.services.store.write("delete-message", call.by, await placeOf(call)),
  ),
  endpoint(
    {
      method: "post",
      path: "/messages/{id}/erase",
      tag,
      summary: "Delete a message for good, with a receipt; for the server's admins",
      who: "signed",
      params,
      status: 200,
      answer: ErasureReceipt,
    },
    async (call) =>
      call.services.store.write("erase-message", call.by, { ...(await placeOf(call)), from: call.from.address }),
  ),
  endpoint(
    {
      method: "get",
      path: "/messages/{id}/texts",
      tag,
      summary: "What a message said before it was edited, the first words first",
      who: "signed",
      params,
      status: 200,
      answer: FormerTexts,
    },
    async ({ services, by, params: { id } }) =>
      services.store.read("former-texts", by, { id, setting: services.config.formerTexts }),
  ),
  endpoint(
    {
      method: "get",
      path: "/messages/{id}/reactions",
      tag,
      summary: "Who reacted to a message, by name",
      who: "signed",
      params,
      status: 200,
      answer: ReactionList,
    },
    async ({ services, by, params: { id } }) => services.store.read("list-reactions", by, { id }),
  ),
  endpoint(
    {
      method: "put",
      path: "/messages/{id}/reactions/{emoji}",
      tag,
      summary: "React to a message with an emoji",
      who: "signed",
      params: reactionParams,
      status: 200,
      answer: Message,
    },
    async (call) => reacts(call, true),
  ),
  endpoint(
    {
      method: "delete",
      path: "/messages/{id}/reactions/{emoji}",
      tag,
      summary: "Take one's reaction off a message",
      who: "signed",
      params: reactionParams,
      status: 200,
      answer: Message,
    },
    async (call) => reacts(call, false),
  ),
  endpoint(
    {
      method: "put",
      path: "/messages/{id}/unread",
      tag,
      summary: "Move one's read cursor back to just before a message",
      who: "signed",
      params,
      status: 204,
      answer: null,
    },
    async (call) => call.services.store.write("mark-unread", call.by, await placeOf(call)),
  ),
  endpoint(
    {
      method: "get",
      path: "/rooms/{id}/pinned",
      tag,
      summary: "Which messages are pinned in a room, by their ids alone",
      who: "signed",
      params,
      status: 200,
      answer: PinnedIds,
    },
    async ({ services, by, params: { id } }) => services.store.read("list-pinned", by, { roomId: id }),
  ),
  endpoint(
    {
      method: "get",
      path: "/rooms/{id}/pins",
      tag,
      summary: "What is pinned in a room, the newest pin first",
      who: "signed",
      params,
      status: 200,
      answer: PinList,
    },
    async ({ services, by, params: { id } }) => services.store.read("list-pins", by, { roomId: id }),
  ),
  endpoint(
    {
      method: "put",
      path: "/messages/{id}/pin",
      tag,
      summary: "Pin a message to its room",
      who: "signed",
      params,
      status: 200,
      answer: Message,
    },
    async (call) => pins(call, true),
  ),
  endpoint(
    {
      method: "delete",
      path: "/messages/{id}/pin",
      tag,
      summary: "Take the pin off a message",
      who: "signed",
      params,
      status: 200,
      answer: Message,
    },
    async (call) => pins(call, false),
  ),
];

function seen({ services, by, params: { id } }: Asking<{ id: number }>): Promise<Message> {
  return services.store.read("message", by, { id });
}

/** What is done to a message is done under its room's lock: the room is found first. */
async function placeOf(asking: Asking<{ id: number }>): Promise<MessageAt> {
  return { id: asking.params.id, roomId: (await seen(asking)).room_id };
}

async function reacts(asking: Asking<{ id: number; emoji: string }>, on: boolean): Promise<Message> {
  const { services, by, params } = asking;
  services.budgets.take("send", String(by.userId));
  return services.store.write("react", by, { ...(await placeOf(asking)), emoji: params.emoji, on });
}

async function pins(asking: Asking<{ id: number }>, on: boolean): Promise<Message> {
  const { services, by } = asking;
  services.budgets.take("send", String(by.userId));
  return services.store.write("pin", by, { ...(await placeOf(asking)), on });
}
