import { z } from "zod";
import { HouseMay } from "#shared/contract/house.ts";
import * as contract from "#shared/contract/rooms.ts";
import { storable } from "#shared/contract/storable.ts";
import { ListedRoom } from "#shared/models.ts";
import { isClosedTalk } from "#shared/permissions.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam, limitParam, listQuery, seqParam } from "../query.ts";

const tag = "Rooms";
const params = z.strictObject({ id: idParam });
const listRoomsQuery = z.strictObject({
  cursor: seqParam.default(0),
  limit: limitParam,
  mine: z.enum(["true", "false"]).default("false"),
});

export const roomRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/rooms",
      tag,
      summary: "Rooms one may see, by id",
      who: "signed",
      query: listRoomsQuery,
      status: 200,
      answer: contract.RoomList,
    },
    async ({ services, by, query }) =>
      services.store.read("list-rooms", by, { after: query.cursor, limit: query.limit, mine: query.mine === "true" }),
  ),
  endpoint(
    {
      method: "get",
      path: "/house/rooms/by-size",
      tag,
      summary: "Every room, or those whose name holds a text, the one with the most members first, for admins",
      who: "signed",
      query: z.strictObject({
        cursor: z
          .string()
          .regex(/^\d{1,12}-\d{1,15}$/)
          .optional(),
        limit: limitParam,
        name: storable.optional(),
      }),
      status: 200,
      answer: contract.HouseRoomList,
    },
    async ({ services, by, query: { cursor, limit, name } }) => {
      const [members = 0, id = 0] = cursor?.split("-").map(Number) ?? [];
      return services.store.read("house-rooms-by-size", by, { after: cursor ? { members, id } : null, limit, name });
    },
  ),
  endpoint(
    {
      method: "get",
      path: "/house/rooms",
      tag,
      summary: "Every room there is, for admins; of private ones the name and the size",
      who: "signed",
      query: listQuery,
      status: 200,
      answer: contract.HouseRoomList,
    },
    async ({ services, by, query }) =>
      services.store.read("house-rooms", by, { after: query.cursor, limit: query.limit }),
  ),
  endpoint(
    {
      method: "get",
      path: "/house/may",
      tag,
      summary: "What a person may do in a room, and why not, for admins",
      who: "signed",
      query: z.strictObject({ user: idParam, room: idParam }),
      status: 200,
      answer: HouseMay,
    },
    async ({ services, by, query }) =>
      services.store.read("explain-may", by, { userId: query.user, roomId: query.room }),
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
  endpoint(
    {
      method: "post",
      path: "/rooms",
      tag,
      summary: "Make a room",
      who: "signed",
      body: contract.CreateRoom,
      status: 201,
      answer: ListedRoom,
    },
    async ({ services, by, body }) => {
      services.budgets.take("room", String(by.userId));
      return services.store.write("create-room", by, { ...body, setting: services.config.roomCreation });
    },
    async ({ services, by }) => services.store.read("may-create-room", by, { setting: services.config.roomCreation }),
  ),
  endpoint(
    {
      method: "post",
      path: "/direct",
      tag,
      summary: "The talk with one other person, made or found, or a new one of several",
      who: "signed",
      body: contract.OpenDirect,
      status: 200,
      answer: ListedRoom,
    },
    async ({ services, by, body }) => {
      services.budgets.take("room", String(by.userId));
      return services.store.write("open-direct", by, body);
    },
  ),
  endpoint(
    {
      method: "get",
      path: "/rooms/{id}",
      tag,
      summary: "One room",
      who: "signed",
      params,
      status: 200,
      answer: ListedRoom,
    },
    async ({ services, by, params: { id } }) => services.store.read("room", by, { roomId: id }),
  ),
  endpoint(
    {
      method: "patch",
      path: "/rooms/{id}",
      tag,
      summary: "Rename or describe a room",
      who: "signed",
      params,
      body: contract.ChangeRoom,
      status: 200,
      answer: ListedRoom,
    },
    async ({ services, by, params: { id }, body, from }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("change-room", by, { ...body, roomId: id, from: from.address });
    },
    async ({ services, by, params: { id } }) => services.store.read("may-in", by, { roomId: id, action: "change" }),
  ),
  endpoint(
    {
      method: "delete",
      path: "/rooms/{id}",
      tag,
      summary: "Delete a room and all that was said in it",
      who: "signed",
      params,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id }, from }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("delete-room", by, { roomId: id, from: from.address });
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/rooms/{id}/join",
      tag,
      summary: "Join a public room",
      who: "signed",
      params,
      status: 200,
      answer: ListedRoom,
    },
    async ({ services, by, params: { id } }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("join-room", by, { roomId: id });
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/rooms/{id}/leave",
      tag,
      summary: "Leave a room: one that is not public is deleted with its last member",
      who: "signed",
      params,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id } }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("leave-room", by, { roomId: id });
    },
  ),
  endpoint(
    {
      method: "get",
      path: "/rooms/{id}/members",
      tag,
      summary: "Who is in a room, by id, or of them those whose name holds a text",
      who: "signed",
      params,
      query: listQuery.extend({ name: storable.optional() }),
      status: 200,
      answer: contract.MemberList,
    },
    async ({ services, by, params: { id }, query }) =>
      services.store.read("list-members", by, {
        roomId: id,
        after: query.cursor,
        limit: query.limit,
        name: query.name,
      }),
  ),
  endpoint(
    {
      method: "post",
      path: "/rooms/{id}/members",
      tag,
      summary: "Add people, or let in again who was removed",
      who: "signed",
      params,
      body: contract.AddMembers,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id }, body: { user_ids, history }, from: { address } }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("add-members", by, { roomId: id, userIds: user_ids, history, from: address });
    },
    async ({ services, by, params: { id } }) =>
      services.store.read("may-in", by, { roomId: id, action: "add-members" }),
  ),
  endpoint(
    {
      method: "delete",
      path: "/rooms/{id}/members/{user_id}",
      tag,
      summary: "Remove a person and keep them out, or with keep_out=false let them come back where the room is open",
      who: "signed",
      params: z.strictObject({ id: idParam, user_id: idParam }),
      query: z.strictObject({ keep_out: z.enum(["true", "false"]).default("true") }),
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id, user_id }, query: { keep_out }, from: { address } }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("remove-member", by, {
        roomId: id,
        userId: user_id,
        keepOut: keep_out === "true",
        from: address,
      });
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/rooms/{id}/bans",
      tag,
      summary: "Keep a person out, in it or not, with a reason and until a time; their words stay",
      who: "signed",
      params,
      body: contract.Ban,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id }, body, from }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("ban", by, { ...body, roomId: id, from: from.address });
    },
    async ({ services, by, params: { id } }) =>
      services.store.read("may-in", by, { roomId: id, action: "remove-members" }),
  ),
  endpoint(
    {
      method: "delete",
      path: "/rooms/{id}/bans/{user_id}",
      tag,
      summary: "Let a person come back whom the room keeps out, without bringing them in",
      who: "signed",
      params: z.strictObject({ id: idParam, user_id: idParam }),
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id, user_id }, from }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("unban", by, { roomId: id, userId: user_id, from: from.address });
    },
  ),
  endpoint(
    {
      method: "put",
      path: "/rooms/{id}/members/{user_id}/role",
      tag,
      summary: "Make a member its admin, a moderator, a member or a reader of the room",
      who: "signed",
      params: z.strictObject({ id: idParam, user_id: idParam }),
      body: contract.GiveRole,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id, user_id }, body, from: { address } }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("give-role", by, { roomId: id, userId: user_id, role: body.role, from: address });
    },
    async ({ services, by, params: { id } }) => services.store.read("may-in", by, { roomId: id, action: "give-roles" }),
  ),
  endpoint(
    {
      method: "post",
      path: "/rooms/{id}/transfer",
      tag,
      summary: "Hand the room on: another member becomes its admin, and oneself a member",
      who: "signed",
      params,
      body: contract.TransferRoom,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id }, body, from }) => {
      services.budgets.take("deed", String(by.userId));
      return services.store.write("transfer-room", by, { roomId: id, userId: body.user_id, from: from.address });
    },
    async ({ services, by, params: { id } }) => services.store.read("may-in", by, { roomId: id, action: "give-roles" }),
  ),
  endpoint(
    {
      method: "get",
      path: "/rooms/{id}/removed",
      tag,
      summary: "Whom the room keeps out, by id, for those who may let them in again",
      who: "signed",
      params,
      query: listQuery,
      status: 200,
      answer: contract.KeptOutList,
    },
    async ({ services, by, params: { id }, query }) =>
      services.store.read("list-kept-out", by, { roomId: id, after: query.cursor, limit: query.limit }),
  ),
  endpoint(
    {
      method: "get",
      path: "/rooms/{id}/active",
      tag,
      summary: "Who has the room open now",
      who: "signed",
      params,
      status: 200,
      answer: contract.ActiveList,
    },
    async ({ services, by, params: { id } }) => {
      const room = await services.store.read("may-read", by, { roomId: id });
      if (isClosedTalk(room)) return { users: [], count: 0 };
      const { users, count } = await services.presence.in(id);
      return { users, count };
    },
  ),
  endpoint(
    {
      method: "patch",
      path: "/rooms/{id}/mine",
      tag,
      summary: "Set a room apart in one's own list: a favourite, or hidden while nothing in it is unread",
      who: "signed",
      params,
      body: contract.SetApart,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id }, body }) => services.store.write("set-apart", by, { ...body, roomId: id }),
    async ({ services, by, params: { id } }) => services.store.read("may-in", by, { roomId: id, action: "mark-read" }),
  ),
  endpoint(
    {
      method: "put",
      path: "/rooms/{id}/read",
      tag,
      summary: "Move one's read cursor forward",
      who: "signed",
      params,
      body: contract.MarkRead,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id }, body }) =>
      services.store.write("mark-read", by, { roomId: id, seq: body.seq }),
  ),
];
