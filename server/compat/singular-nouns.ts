import { z } from "zod";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { HouseRoom, ListedRoom, ManagedAccount, Message } from "#shared/models.ts";
import { contentFault } from "#shared/text.ts";
import { changePassword } from "../auth/change-password.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam } from "../query.ts";
import { updateAccount } from "../users/update-account.ts";
import { logInAt, signUpAt } from "./accounts.ts";
import { bareItems, bareMessages, messagesHeaders, messagesQuery, wholeHeaders, wholeQuery } from "./bare-lists.ts";

/** For clients that know /user, /room and /message, where everybody makes rooms and governs their own. */
const tag = "Compatibility: /user, /room and /message";
const ofRoom = z.strictObject({ room_id: idParam });
const ofUser = z.strictObject({ user_id: idParam });
const description = z.string().max(limits.descriptionLength).nullish();

const UpdateUser = z.object({
  username: z.string().nullish(),
  email: z.string().max(limits.emailLength).nullish(),
  password: z.string().nullish(),
});

const UpdatePassword = z
  .object({ current_password: z.string().nullish(), old_password: z.string().nullish(), new_password: z.string() })
  .refine((body) => (body.current_password ?? body.old_password) != null, {
    path: ["current_password"],
    message: "Send current_password or old_password",
  });

const NewMessage = z
  .object({ content: z.string().nullish(), message: z.string().nullish() })
  .refine((body) => (body.content ?? body.message) != null, { path: ["content"], message: "Send content or message" });

const users: Endpoint[] = [
  logInAt("/auth/token", tag),
  signUpAt("/user/signup", tag),
  endpoint(
    {
      method: "get",
      path: "/user/users",
      tag,
      summary: "Everybody, for admins",
      who: "signed",
      query: wholeQuery,
      answerHeaders: wholeHeaders,
      refusals: "detail",
      status: 200,
      answer: z.array(ManagedAccount),
    },
    async ({ services, by, query, headers }) =>
      bareItems(headers, query.cursor, (args) => services.store.read("house-accounts", by, args)),
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
  endpoint(
    {
      method: "put",
      path: "/user/update/{user_id}",
      tag,
      summary: "Change one's own name, e-mail address or password, or as an admin anybody's",
      who: "signed",
      params: ofUser,
      body: UpdateUser,
      refusals: "detail",
      status: 200,
      answer: ManagedAccount,
    },
    async ({ services, by, params: { user_id }, body, from }) => {
      const given = {
        username: body.username ?? undefined,
        email: body.email ?? undefined,
        password: body.password ?? undefined,
      };
      // These clients have no place for the old password here.
      return updateAccount(services, by, user_id, given, null, from.address);
    },
    async ({ services, by, params: { user_id } }) => services.store.read("may-change-user", by, { userId: user_id }),
  ),
  endpoint(
    {
      method: "post",
      path: "/user/update_password",
      tag,
      summary: "Change one's password; every other session ends",
      who: "signed",
      body: UpdatePassword,
      refusals: "detail",
      status: 200,
      answer: z.object({ detail: z.string() }),
    },
    async ({ services, by, body }) => {
      const current_password = body.current_password ?? body.old_password ?? "";
      await changePassword(services, by, { current_password, new_password: body.new_password });
      return { detail: "The password is changed." };
    },
  ),
];

const rooms: Endpoint[] = [
  endpoint(
    {
      method: "post",
      path: "/room",
      tag,
      summary: "Make a public room and become its admin",
      who: "signed",
      body: z.object({ name: z.string(), description }),
      refusals: "detail",
      status: 201,
      answer: ListedRoom,
    },
    async ({ services, by, body }) => {
      services.budgets.take("room", String(by.userId));
      const setting = services.config.roomCreation;
      return services.store.write("create-room", by, {
        name: body.name,
        description: body.description ?? "",
        setting,
      });
    },
    async ({ services, by }) => services.store.read("may-create-room", by, { setting: services.config.roomCreation }),
  ),
  endpoint(
    {
      method: "get",
      path: "/room/rooms",
      tag,
      summary: "The rooms one is in; for admins all, of private ones the name and the size",
      who: "signed",
      query: wholeQuery,
      answerHeaders: wholeHeaders,
      refusals: "detail",
      status: 200,
      answer: z.array(HouseRoom),
    },
    async ({ services, by, query, headers }) => {
      const { store } = services;
      const { role } = await store.read("account", by);
      if (role === "admin") return bareItems(headers, query.cursor, (args) => store.read("house-rooms", by, args));
      const mine = await bareItems(headers, query.cursor, (args) =>
        store.read("list-rooms", by, { ...args, mine: true, named: true }),
      );
      return mine.map(
        ({ id, kind, name, member_count, description, created_by, created_at }): HouseRoom => ({
          id,
          kind,
          name,
          member_count,
          description,
          created_by,
          created_at,
        }),
      );
    },
  ),
  endpoint(
    {
      method: "get",
      path: "/room/{room_id}",
      tag,
      summary: "One room",
      who: "signed",
      params: ofRoom,
      refusals: "detail",
      status: 200,
      answer: ListedRoom,
    },
    async ({ services, by, params: { room_id } }) => services.store.read("room", by, { roomId: room_id }),
  ),
  endpoint(
    {
      method: "patch",
      path: "/room/{room_id}",
      tag,
      summary: "Rename or describe a room, as its admin or the server's",
      who: "signed",
      params: ofRoom,
      body: z.object({ name: z.string().nullish(), description }),
      refusals: "detail",
      status: 200,
      answer: ListedRoom,
    },
    async ({ services, by, params: { room_id }, body, from }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("change-room", by, {
        roomId: room_id,
        from: from.address,
        ...(body.name == null ? {} : { name: body.name }),
        ...(body.description == null ? {} : { description: body.description }),
      });
    },
    async ({ services, by, params: { room_id } }) =>
      services.store.read("may-in", by, { roomId: room_id, action: "change" }),
  ),
  endpoint(
    {
      method: "delete",
      path: "/room/{room_id}",
      tag,
      summary: "Delete a room, as its admin or the server's",
      who: "signed",
      params: ofRoom,
      refusals: "detail",
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { room_id }, from }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("delete-room", by, { roomId: room_id, from: from.address });
    },
  ),
];

const messages: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/message/rooms/{room_id}/messages",
      tag,
      summary: "A room's messages, oldest first; X-Next-Cursor is the `before` of the next older page",
      who: "signed",
      params: ofRoom,
      query: messagesQuery,
      answerHeaders: messagesHeaders,
      refusals: "detail",
      status: 200,
      answer: z.array(Message),
    },
    async (call) => {
      const { room_id } = call.params;
      return bareMessages(call, room_id, call.query, `/message/rooms/${room_id}/messages`);
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/message/rooms/{room_id}/messages",
      tag,
      summary: "Send a message; into a public room that one is not in, joining it",
      who: "signed",
      params: ofRoom,
      body: NewMessage,
      refusals: "detail",
      status: 201,
      answer: Message,
    },
    async ({ services, by, params: { room_id }, body }) => {
      services.budgets.take("send", String(by.userId));
      const content = body.content ?? body.message ?? "";
      const fault = contentFault(content);
      if (fault) throw new Refusal(fault, undefined, { field: body.content == null ? "message" : "content" });
      // These clients know no joining: as on their sockets, whoever speaks in a public room is in it.
      return services.sends.sendAndWait(by, { roomId: room_id, nonce: null, content, joining: true });
    },
    async ({ services, by, params: { room_id } }) => services.store.read("may-speak", by, { roomId: room_id }),
  ),
];

export const singularNouns: Endpoint[] = [...users, ...rooms, ...messages];
