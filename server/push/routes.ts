import { PushBrowser, PushState, PutPush } from "#shared/contract/push.ts";
import { Refusal } from "#shared/errors.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { guardEndpoint } from "./endpoint.ts";
import { isReceiver } from "./receiver.ts";

const tag = "Closed browsers";

export const pushRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/me/push",
      tag,
      summary: "Which of one's browsers are told of new messages while they are closed",
      who: "signed",
      status: 200,
      answer: PushState,
    },
    async ({ services, by }) => ({
      public_key: services.push?.publicKey ?? null,
      items: await services.store.read("list-push", by, { current: by.sessionId }),
    }),
  ),
  endpoint(
    {
      method: "post",
      path: "/me/push",
      tag,
      summary: "Have the browser of this session told while it is closed, for as long as the session lasts",
      who: "signed",
      body: PutPush,
      status: 200,
      answer: PushBrowser,
    },
    async ({ services, by, body }) => {
      const { push } = services.config;
      if (!push) throw new Refusal("push_off");
      const guarded = guardEndpoint(body.endpoint, push.allowed);
      if ("fault" in guarded) throw new Refusal("push_endpoint", guarded.fault, { field: "endpoint" });
      const { p256dh, auth } = body.keys;
      if (!(await isReceiver(p256dh, auth))) {
        throw new Refusal("invalid", "The keys are not those of a push subscription.", { field: "keys" });
      }
      const subscription = { endpoint: guarded.url.href, p256dh, auth, words: body.words };
      return services.store.write("put-push", by, { sessionId: by.sessionId, ...subscription });
    },
  ),
  endpoint(
    {
      method: "delete",
      path: "/me/push",
      tag,
      summary: "Tell the browser of this session nothing any more",
      who: "signed",
      status: 204,
      answer: null,
    },
    async ({ services, by }) => services.store.write("end-push", by, { sessionId: by.sessionId }),
  ),
];
