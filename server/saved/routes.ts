import { z } from "zod";
import { SavedList } from "#shared/contract/kept.ts";
import { SavedMark } from "#shared/models.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam, limitParam, seqParam } from "../query.ts";

const tag = "Kept for oneself";
const params = z.strictObject({ id: idParam });

export const savedRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/me/saved",
      tag,
      summary: "Messages that one saved for later, saved last first",
      who: "signed",
      query: z.strictObject({ cursor: seqParam.optional(), limit: limitParam }),
      status: 200,
      answer: SavedList,
    },
    async ({ services, by, query: { cursor, limit } }) =>
      services.store.read("list-saved", by, { before: cursor ?? Number.MAX_SAFE_INTEGER, limit }),
  ),
  endpoint(
    {
      method: "put",
      path: "/messages/{id}/saved",
      tag,
      summary: "Save a message for later",
      who: "signed",
      params,
      status: 200,
      answer: SavedMark,
    },
    async ({ services, by, params: { id } }) => services.store.write("save-message", by, { id }),
  ),
  endpoint(
    {
      method: "delete",
      path: "/messages/{id}/saved",
      tag,
      summary: "Take a message off the list of those one saved",
      who: "signed",
      params,
      status: 204,
      answer: null,
    },
    async ({ services, by, params: { id } }) => services.store.write("unsave-message", by, { id }),
  ),
];
