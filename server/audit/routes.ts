import { z } from "zod";
import { AuditAct, AuditPage } from "#shared/contract/house.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam, listQuery } from "../query.ts";
import { exportActs } from "./export-acts.ts";

const tag = "House";

const time = z.iso.datetime({ offset: true });
const actsQuery = listQuery.extend({
  act: AuditAct.optional(),
  person: idParam.optional().describe("Who did it, or to whom it was done"),
  from: time.optional().describe("ISO 8601"),
  to: time.optional().describe("ISO 8601; what was done then is not among them"),
});

export const auditRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/house/audit",
      tag,
      summary: "Every administrative act, the newest first, for admins, by act, person and time",
      who: "signed",
      query: actsQuery,
      status: 200,
      answer: AuditPage,
    },
    async ({ services, by, query: { cursor: before, limit, act, person, from, to } }) => {
      const when = { from: timeIn(from), to: timeIn(to) };
      return services.store.read("audit", by, { before, limit, act, person, ...when });
    },
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

function timeIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}
