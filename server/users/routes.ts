import { z } from "zod";
import { UserList } from "#shared/contract/accounts.ts";
import { User } from "#shared/models.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam, listQuery } from "../query.ts";

const tag = "People";

export const userRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/users",
      tag,
      summary: "Everybody, by id",
      who: "signed",
      query: listQuery,
      status: 200,
      answer: UserList,
    },
    async ({ services, by, query }) =>
      services.store.read("list-users", by, { after: query.cursor, limit: query.limit }),
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
];
