import { z } from "zod";
import { AccountList, ChangeUser, UserList } from "#shared/contract/accounts.ts";
import { MadePasswordLink } from "#shared/contract/house.ts";
import { ChangeProfile, EraseAccount, ErasedAccount, ErasedList, Person, SeenList } from "#shared/contract/people.ts";
import { storable } from "#shared/contract/storable.ts";
import { ManagedAccount } from "#shared/models.ts";
import { hashOfToken } from "../auth/password-links.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam, idsParam, listQuery } from "../query.ts";
import { exportOwn } from "./export-own.ts";
import { proveOwn, updateAccount } from "./update-account.ts";

const tag = "People";

export const userRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/users",
      tag,
      summary: "Everybody, by id, those whose name holds a text, or those of some ids",
      who: "signed",
      query: listQuery.extend({ name: storable.optional(), ids: idsParam.optional() }),
      status: 200,
      answer: UserList,
    },
    async ({ services, by, query: { cursor, limit, name, ids } }) => {
      const now = services.clock.now();
      if (ids) return services.store.read("list-faces", by, { ids, now });
      return services.store.read("list-users", by, { after: cursor, limit, name, now });
    },
  ),
  endpoint(
    {
      method: "get",
      path: "/presence",
      tag,
      summary: "Who of some people is connected, among those in a room with oneself",
      who: "signed",
      query: z.strictObject({ ids: idsParam }),
      status: 200,
      answer: SeenList,
    },
    async ({ services, by, query }) => {
      const near = await services.store.read("near-among", by, { ids: query.ids });
      const seen = await services.presence.seen(near);
      return {
        items: near.flatMap((id) => {
          const state = seen.get(id);
          return state === undefined ? [] : [{ user_id: id, seen: state === "away" ? state : ("online" as const) }];
        }),
      };
    },
  ),
  endpoint(
    {
      method: "get",
      path: "/users/{id}",
      tag,
      summary: "One person",
      who: "signed",
      params: z.strictObject({ id: idParam }),
      status: 200,
      answer: Person,
    },
    async ({ services, by, params }) =>
      services.store.read("user", by, { userId: params.id, now: services.clock.now() }),
  ),
  endpoint(
    {
      method: "patch",
      path: "/me/profile",
      tag,
      summary: "Change what one says of oneself: display name, colour, time zone, status",
      who: "signed",
      body: ChangeProfile,
      status: 200,
      answer: Person,
    },
    async ({ services, by, body }) => {
      services.budgets.take("profile", String(by.userId));
      return services.store.write("change-profile", by, body);
    },
  ),
  endpoint(
    {
      method: "patch",
      path: "/users/{id}",
      tag,
      summary: "Change an account: one's own, or as an admin anybody's role and standing too",
      who: "signed",
      params: z.strictObject({ id: idParam }),
      body: ChangeUser,
      status: 200,
      answer: ManagedAccount,
    },
    async ({ services, by, params, body, from }) => {
      const proven = await proveOwn(services, by, params.id, body);
      return updateAccount(services, by, params.id, body, proven, from.address);
    },
    async ({ services, by, params }) => services.store.read("may-change-user", by, { userId: params.id }),
  ),
  endpoint(
    {
      method: "get",
      path: "/me/export",
      tag,
      summary: "All that is kept of oneself, one's messages too, as one JSON file",
      who: "signed",
      status: 200,
      answer: null,
      files: ["application/json"],
    },
    async ({ services, by }) => {
      services.budgets.take("export", String(by.userId));
      return exportOwn(services, by);
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/users/{id}/erase",
      tag,
      summary: 'Erase an account for good, its words kept under "former member" or not, then or later, as an admin',
      who: "signed",
      params: z.strictObject({ id: idParam }),
      body: EraseAccount,
      status: 200,
      answer: ErasedAccount,
    },
    async ({ services, by, params, body, from }) =>
      services.store.write("erase-user", by, { userId: params.id, words: body.words, from: from.address }),
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
  endpoint(
    {
      method: "post",
      path: "/users/{id}/password-link",
      tag,
      summary: "A link that sets somebody's password, once and within a day, as an admin",
      who: "signed",
      params: z.strictObject({ id: idParam }),
      status: 201,
      answer: MadePasswordLink,
    },
    async ({ services, by, params, from }) => {
      const token = Buffer.from(services.random(32)).toString("base64url");
      const args = { userId: params.id, tokenHash: hashOfToken(token), from: from.address };
      const { username, until } = await services.store.write("link-password", by, args);
      return { username, token, expires_at: new Date(until).toISOString() };
    },
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
  endpoint(
    {
      method: "get",
      path: "/house/erased",
      tag,
      summary: "Accounts that were erased, by id, and what became of their words, for admins",
      who: "signed",
      query: listQuery,
      status: 200,
      answer: ErasedList,
    },
    async ({ services, by, query: { cursor, limit } }) =>
      services.store.read("house-erased", by, { after: cursor, limit }),
  ),
  endpoint(
    {
      method: "get",
      path: "/house/accounts",
      tag,
      summary: "Everybody with e-mail address and standing, for admins",
      who: "signed",
      query: listQuery.extend({ name: storable.optional() }),
      status: 200,
      answer: AccountList,
    },
    async ({ services, by, query }) =>
      services.store.read("house-accounts", by, { after: query.cursor, limit: query.limit, name: query.name }),
  ),
];
