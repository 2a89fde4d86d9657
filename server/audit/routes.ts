import { z } from "zod";
import { AuditPage } from "#shared/contract/house.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { listQuery } from "../query.ts";
import { exportActs } from "./export-acts.ts";

const tag = "House";

export const auditRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/house/audit",
      tag,
      summary: "Every administrative act, the newest first, for admins",
      who: "signed",
      query: listQuery,
      status: 200,
      answer: AuditPage,
    },
    async ({ services, by, query }) => services.store.read("audit", by, { before: query.cursor, limit: query.limit }),
  ),
  endpoint(
    {
      method: "get",
      path: "/house/audit/export",
      tag,
      summary: "The audit log as a file, the oldest act first, for admins",
      who: "signed",
      query: z.strictObject({ form: z.enum(["csv", "jsonl"]).default("csv") }),
      status: 200,
      answer: null,
      files: ["text/csv", "application/x-ndjson"],
    },
    async ({ services, by, query }) => exportActs(services.store, by, query.form),
    async ({ services, by }) => services.store.read("may-govern", by),
  ),
];
