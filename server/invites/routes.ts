import { z } from "zod";
import * as contract from "#shared/contract/invites.ts";
import { hashOfToken } from "../auth/password-links.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam, listQuery } from "../query.ts";
import { settingsNow } from "../settings/settings.ts";
import { NOBODY } from "../store/store.ts";
import { inviteIsOver } from "./find-invite.ts";

const tag = "Invites";
const TOKEN_BYTES = 24;

export const inviteRoutes: Endpoint[] = [
  endpoint(
    {
      method: "post",
      path: "/invites",
      tag,
      summary: "Make an invite: its token is told here and never again",
      who: "signed",
      body: contract.MakeInvite,
      status: 201,
      answer: contract.InviteMade,
    },
    async ({ services, by, body, from }) => {
      services.budgets.take("invite", String(by.userId));
      const token = Buffer.from(services.random(TOKEN_BYTES)).toString("base64url");
      const made = await services.store.write("make-invite", by, {
        ...body,
        tokenHash: hashOfToken(token),
        from: from.address,
      });
      return { ...made, token };
    },
  ),
  endpoint(
    {
      method: "get",
      path: "/invites",
      tag,
      summary: "Invites that can be used: into a room; without one, those one made, or as an admin all",
      who: "signed",
      query: listQuery.extend({ room_id: idParam.optional() }),
      status: 200,
      answer: contract.InviteList,
    },
    async ({ services, by, query }) =>
      services.store.read("list-invites", by, {
        roomId: query.room_id ?? null,
        after: query.cursor,
        limit: query.limit,
        now: services.clock.now(),
      }),
  ),
  endpoint(
    {
      method: "delete",
      path: "/invites/{id}",
      tag,
      summary: "Take an invite back",
      who: "signed",
      params: z.strictObject({ id: idParam }),
      status: 204,
      answer: null,
    },
    async ({ services, by, params, from }) =>
      services.store.write("revoke-invite", by, { id: params.id, from: from.address }),
  ),
  endpoint(
    {
      method: "post",
      path: "/invite-link/look",
      tag,
      summary: "Who invites, and where to",
      who: "anyone",
      body: contract.InviteToken,
      status: 200,
      answer: contract.InviteLook,
    },
    async ({ services, from, body }) => {
      services.budgets.take("link", from.address);
      const args = { tokenHash: hashOfToken(body.token), now: services.clock.now() };
      const invite = await services.store.read("invite", NOBODY, args);
      if (invite === null) throw inviteIsOver();
      const { signup } = await settingsNow(services);
      return {
        by: invite.by,
        rooms: invite.rooms.map((room) => room.name),
        guest: invite.guest,
        opens_account: signup === "open" || (signup === "invite" && invite.byAdmin),
      };
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/invite-link/use",
      tag,
      summary: "Come into the rooms of an invite",
      who: "signed",
      body: contract.InviteToken,
      status: 200,
      answer: contract.InviteUsed,
    },
    async ({ services, by, from, body }) => {
      services.budgets.take("link", from.address);
      return services.store.write("use-invite", by, { tokenHash: hashOfToken(body.token) });
    },
  ),
];
