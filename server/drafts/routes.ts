import { z } from "zod";
import { KeepDraft } from "#shared/contract/kept.ts";
import { Draft } from "#shared/models.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { idParam } from "../query.ts";

export const draftRoutes: Endpoint[] = [
  endpoint(
    {
      method: "put",
      path: "/rooms/{id}/draft",
      tag: "Kept for oneself",
      summary: "Keep what one has written in a room or a thread and not sent",
      who: "signed",
      params: z.strictObject({ id: idParam }),
      body: KeepDraft,
      status: 200,
      answer: Draft,
    },
    async ({ services, by, params: { id }, body }) => {
      services.budgets.take("send", String(by.userId));
      return services.store.write("keep-draft", by, { roomId: id, ...body });
    },
  ),
];
