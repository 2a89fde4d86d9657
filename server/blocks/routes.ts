import { z } from "zod";
import { BlockList } from "#shared/contract/people.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam, listQuery } from "../query.ts";

const tag = "People";
const params = z.strictObject({ user_id: idParam });

export const blockRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/me/blocks",
      tag,
      summary: "Whom one blocks, by id",
      who: "signed",
      query: listQuery,
      status: 200,
      answer: BlockList,
    },
    async ({ services, by, query }) =>
      services.store.read("list-blocks", by, { after: query.cursor, limit: query.limit }),
  ),
  endpoint(
    {
      method: "put",
      path: "/me/blocks/{user_id}",
      tag,
      summary: "Block somebody: nothing is written in the talk of the two any more",
      who: "signed",
      params,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { user_id } }) => {
      services.budgets.take("profile", String(by.userId));
      return services.store.write("block", by, { userId: user_id });
    },
  ),
  endpoint(
    {
      method: "delete",
      path: "/me/blocks/{user_id}",
      tag,
      summary: "Unblock somebody",
      who: "signed",
      params,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { user_id } }) => {
      services.budgets.take("profile", String(by.userId));
      return services.store.write("unblock", by, { userId: user_id });
    },
  ),
];
