import { z } from "zod";
import { limits } from "#shared/limits.ts";
import { Account, ListedRoom, Message } from "#shared/models.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam } from "../query.ts";
import { logInWithUserAt, signUpAt } from "./accounts.ts";
import { bareItems, bareMessages, messagesHeaders, messagesQuery, wholeHeaders, wholeQuery } from "./bare-lists.ts";

/**
 * For clients that know rooms by id under /rooms/, made and deleted by admins; also for those whose system names no
 * addresses but does the same: register, log in, rooms made, listed, read and deleted.
 */
const tag = "Compatibility: rooms by id";
const params = z.strictObject({ room_id: idParam });
const NewRoom = z.object({ name: z.string(), description: z.string().max(limits.descriptionLength).nullish() });

export const roomsById: Endpoint[] = [
  signUpAt("/auth/signup", tag),
  logInWithUserAt("/auth/login", tag),
  endpoint(
    {
      method: "get",
      path: "/auth/me",
      tag,
      summary: "Oneself",
      who: "signed",
      refusals: "detail",
      status: 200,
      answer: Account,
    },
    async ({ services, by }) => services.store.read("account", by),
  ),
  endpoint(
    {
      method: "get",
      path: "/rooms",
      tag,
      summary: "Rooms one may see",
      who: "signed",
      query: wholeQuery,
      answerHeaders: wholeHeaders,
      refusals: "detail",
      status: 200,
      answer: z.array(ListedRoom),
    },
    async ({ services, by, query, headers }) =>
      bareItems(headers, query.cursor, (args) =>
        services.store.read("list-rooms", by, { ...args, mine: false, named: true }),
      ),
  ),
  endpoint(
    {
      method: "post",
      path: "/rooms",
      tag,
      summary: "Make a public room, as an admin",
      who: "signed",
      body: NewRoom,
      refusals: "detail",
      status: 201,
      answer: ListedRoom,
    },
    async ({ services, by, body: { name, description } }) => {
      services.budgets.take("room", String(by.userId));
      const args = { name, description: description ?? "", setting: "admins" } as const;
      return services.store.write("create-room", by, args);
    },
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
  endpoint(
    {
      method: "get",
      path: "/rooms/{room_id}",
      tag,
      summary: "One room",
      who: "signed",
      params,
      refusals: "detail",
      status: 200,
      answer: ListedRoom,
    },
    async ({ services, by, params: { room_id } }) => services.store.read("room", by, { roomId: room_id }),
  ),
  endpoint(
    {
      method: "delete",
      path: "/rooms/{room_id}",
      tag,
      summary: "Delete a room, as an admin",
      who: "signed",
      params,
      refusals: "detail",
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { room_id }, from }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("delete-room", by, { roomId: room_id, from: from.address });
    },
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
  endpoint(
    {
      method: "get",
      path: "/rooms/{room_id}/messages",
      tag,
      summary: "A room's messages, oldest first; X-Next-Cursor is the `before` of the next older page",
      who: "signed",
      params,
      query: messagesQuery,
      answerHeaders: messagesHeaders,
      refusals: "detail",
      status: 200,
      answer: z.array(Message),
    },
    async (call) => {
      const { room_id } = call.params;
      return bareMessages(call, room_id, call.query, `/rooms/${room_id}/messages`);
    },
  ),
];
