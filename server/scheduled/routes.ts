import { z } from "zod";
import { ChangeScheduled, ScheduledList, ScheduleMessage } from "#shared/contract/kept.ts";
import { Scheduled } from "#shared/models.ts";
import { type Asking, type Endpoint, endpoint } from "../endpoint.ts";
import { idParam } from "../query.ts";
import type { Due } from "./send-scheduled.ts";

const tag = "Kept for oneself";
const params = z.strictObject({ id: idParam });

export const scheduledRoutes: Endpoint[] = [
  endpoint(
    {
      method: "post",
      path: "/rooms/{id}/scheduled",
      tag,
      summary: "Send a message later",
      who: "signed",
      params,
      body: ScheduleMessage,
      status: 201,
      answer: Scheduled,
    },
    async ({ services, by, params: { id }, body: { content, at, nonce, thread, reply_to } }) => {
      services.budgets.take("send", String(by.userId));
      const place = { roomId: id, thread, replyTo: reply_to };
      return services.store.write("schedule", by, { ...place, content, at: Date.parse(at), nonce });
    },
  ),
  endpoint(
    {
      method: "get",
      path: "/me/scheduled",
      tag,
      summary: "One's messages that are to be sent later or could not be sent, the one that is due first first",
      who: "signed",
      status: 200,
      answer: ScheduledList,
    },
    async ({ services, by }) => services.store.read("list-scheduled", by),
  ),
  endpoint(
    {
      method: "patch",
      path: "/scheduled/{id}",
      tag,
      summary: "Change the words or the time of a message that is to be sent later",
      who: "signed",
      params,
      body: ChangeScheduled,
      status: 200,
      answer: Scheduled,
    },
    async (call) => {
      const { services, by, body } = call;
      services.budgets.take("send", String(by.userId));
      const at = body.at === undefined ? undefined : Date.parse(body.at);
      return services.store.write("change-scheduled", by, { ...(await placeOf(call)), content: body.content, at });
    },
  ),
  endpoint(
    {
      method: "delete",
      path: "/scheduled/{id}",
      tag,
      summary: "Do not send it after all",
      who: "signed",
      params,
      status: 204,
      answer: null,
    },
    async (call) => call.services.store.write("cancel-scheduled", call.by, await placeOf(call)),
  ),
];

/** It is changed under the lock of its room, as it is sent: the room is found first. */
async function placeOf({ services, by, params: { id } }: Asking<{ id: number }>): Promise<Due> {
  const { room_id } = await services.store.read("scheduled", by, { id });
  return { id, roomId: room_id };
}
