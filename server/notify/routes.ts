import { z } from "zod";
import {
  ChangePreferences,
  Group,
  GroupList,
  MakeGroup,
  MentionList,
  SetGroupMembers,
  SetLevel,
  Why,
} from "#shared/contract/notify.ts";
import { Preferences } from "#shared/models.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam, limitParam, seqParam } from "../query.ts";

const tag = "Notifications";
const params = z.strictObject({ id: idParam });

export const notifyRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/me/mentions",
      tag,
      summary: "Messages that call oneself, the newest first",
      who: "signed",
      query: z.strictObject({ cursor: seqParam.optional(), limit: limitParam }),
      status: 200,
      answer: MentionList,
    },
    async ({ services, by, query }) =>
      services.store.read("mentions", by, { before: query.cursor ?? null, limit: query.limit }),
  ),
  endpoint(
    {
      method: "get",
      path: "/me/preferences",
      tag,
      summary: "What one wants to be told of, and when",
      who: "signed",
      status: 200,
      answer: Preferences,
    },
    async ({ services, by }) => services.store.read("preferences", by),
  ),
  endpoint(
    {
      method: "patch",
      path: "/me/preferences",
      tag,
      summary: "Change what one wants to be told of, and when",
      who: "signed",
      body: ChangePreferences,
      status: 200,
      answer: Preferences,
    },
    async ({ services, by, body }) => services.store.write("change-preferences", by, body),
  ),
  endpoint(
    {
      method: "put",
      path: "/rooms/{id}/notify",
      tag,
      summary: "Choose what one is told of in a room: all, what calls one, or nothing",
      who: "signed",
      params,
      body: SetLevel,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id }, body }) =>
      services.store.write("set-level", by, { roomId: id, level: body.level }),
  ),
  endpoint(
    {
      method: "get",
      path: "/messages/{id}/why",
      tag,
      summary: "Why one is told of a message, or is not",
      who: "signed",
      params,
      status: 200,
      answer: Why,
    },
    async ({ services, by, params: { id } }) => services.store.read("why", by, { id, now: services.clock.now() }),
  ),
  endpoint(
    {
      method: "get",
      path: "/groups",
      tag,
      summary: "Groups of people that are called by one name",
      who: "signed",
      status: 200,
      answer: GroupList,
    },
    async ({ services, by }) => services.store.read("groups", by),
  ),
  endpoint(
    {
      method: "post",
      path: "/groups",
      tag,
      summary: "Make a group, as an admin",
      who: "signed",
      body: MakeGroup,
      status: 201,
      answer: Group,
    },
    async ({ services, by, body, from }) => services.store.write("make-group", by, { ...body, from: from.address }),
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
  endpoint(
    {
      method: "put",
      path: "/groups/{id}/members",
      tag,
      summary: "Say who is in a group, as an admin",
      who: "signed",
      params,
      body: SetGroupMembers,
      status: 200,
      answer: Group,
    },
    async ({ services, by, params: { id }, body, from }) =>
      services.store.write("set-group-members", by, { groupId: id, userIds: body.user_ids, from: from.address }),
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
  ...([true, false] as const).map((on) =>
    endpoint(
      {
        method: on ? "put" : "delete",
        path: "/groups/{id}/members/{user_id}",
        tag,
        summary: on ? "Put somebody into a group, as an admin" : "Take somebody out of a group, as an admin",
        who: "signed",
        params: z.strictObject({ id: idParam, user_id: idParam }),
        status: 200,
        answer: Group,
      },
      async ({ services, by, params: { id, user_id }, from }) =>
        services.store.write("change-group-member", by, { groupId: id, userId: user_id, on, from: from.address }),
      async ({ services, by }) => services.store.read("may-govern", by),
    ),
  ),
  endpoint(
    {
      method: "delete",
      path: "/groups/{id}",
      tag,
      summary: "Delete a group, as an admin",
      who: "signed",
      params,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id }, from }) =>
      services.store.write("delete-group", by, { groupId: id, from: from.address }),
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
];
