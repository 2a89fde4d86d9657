import { MovePush, PushBrowser, PushState, PushTried, PutPush } from "#shared/contract/push.ts";
import { Refusal } from "#shared/errors.ts";
import { readRefreshToken } from "../auth/refresh-token.ts";
import { COOKIE, refuseOtherSites, webTag } from "../auth/web-routes.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import type { Services } from "../services.ts";
import { NOBODY } from "../store/store.ts";
import { guardEndpoint } from "./endpoint.ts";
import { receiverFrom } from "./receiver.ts";

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
      const checked = checkSubscription(services, body);
      return services.store.write("put-push", by, { sessionId: by.sessionId, words: body.words, ...checked });
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
  endpoint(
    {
      method: "post",
      path: "/me/push/test",
      tag,
      summary: "Tell the browser of this session something now, to see whether it is told",
      who: "signed",
      status: 200,
      answer: PushTried,
    },
    async ({ services, by }) => {
      if (!services.push) throw new Refusal("push_off");
      const { sessionId } = by;
      const browser = await services.store.read("own-push", by, { sessionId });
      if (!browser) throw new Refusal("not_found", "This browser is told nothing.");
      services.budgets.take("pushTest", String(by.userId));
      return services.push.test({ sessionId, ...browser });
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/web/push",
      tag: webTag,
      summary: "Say where this browser is written to now, when it changed while no page was open",
      who: "anyone",
      body: MovePush,
      status: 204,
      answer: null,
    },
    async ({ services, from, body }) => {
      refuseOtherSites(from);
      const token = readRefreshToken(services.keys.refresh, from.cookie(COOKIE) ?? "");
      if (!token) throw new Refusal("unauthorized");
      return services.store.write("move-push", NOBODY, { ...token, ...checkSubscription(services, body) });
    },
  ),
];

function checkSubscription(
  { config }: Services,
  { endpoint, keys: { p256dh, auth } }: { endpoint: string; keys: { p256dh: string; auth: string } },
) {
  if (!config.push) throw new Refusal("push_off");
  const guarded = guardEndpoint(endpoint, config.push.allowed);
  if ("fault" in guarded) throw new Refusal("push_endpoint", guarded.fault, { field: "endpoint" });
  if (receiverFrom(p256dh, auth) === null) {
    throw new Refusal("invalid", "The keys are not those of a push subscription.", { field: "keys" });
  }
  return { endpoint: guarded.url.href, p256dh, auth };
}
