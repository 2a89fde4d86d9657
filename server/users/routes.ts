import { z } from "zod";
import { AccountList, ChangeUser, UserList } from "#shared/contract/accounts.ts";
import { ManagedAccount, User } from "#shared/models.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam, listQuery } from "../query.ts";
import { proveOwn, updateAccount } from "./update-account.ts";

const tag = "People";

export const userRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/users",
      tag,
      summary: "Everybody, by id, or those whose name holds a text",
      who: "signed",
      query: listQuery.extend({ name: z.string().optional() }),
      status: 200,
      answer: UserList,
    },
    async ({ services, by, query }) =>
      services.store.read("list-users", by, { after: query.cursor, limit: query.limit, name: query.name }),
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
      answer: User,
    },
    async ({ services, by, params }) => services.store.read("user", by, { userId: params.id }),
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
    async ({ services, by, params, body }) => {
      const proven = await proveOwn(services, by, params.id, body);
      return updateAccount(services, by, params.id, body, proven);
    },
    async ({ services, by, params }) => services.store.read("may-change-user", by, { userId: params.id }),
  ),
  endpoint(
    {
      method: "get",
      path: "/house/accounts",
      tag,
      summary: "Everybody with e-mail address and standing, for admins",
      who: "signed",
      query: listQuery,
      status: 200,
      answer: AccountList,
    },
    async ({ services, by, query }) =>
      services.store.read("house-accounts", by, { after: query.cursor, limit: query.limit }),
  ),
];
