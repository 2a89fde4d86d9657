import { Digest, EmailLink, PutDigest, UnsubscribeQuery } from "#shared/contract/mail.ts";
import { Refusal } from "#shared/errors.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import type { Services } from "../services.ts";
import type { Actor } from "../store/sql.ts";
import type { Mail } from "./mail.ts";

const tag = "E-mail";

export const mailRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/me/digest",
      tag,
      summary: "Whether one is told by e-mail of what one did not read",
      who: "signed",
      status: 200,
      answer: Digest,
    },
    async ({ services, by }) => stateOf(services, by),
  ),
  endpoint(
    {
      method: "put",
      path: "/me/digest",
      tag,
      summary:
        "Be told by e-mail, at most once an hour, of direct messages and mentions that lay unread for half an hour",
      who: "signed",
      body: PutDigest,
      status: 200,
      answer: Digest,
    },
    async ({ services, by, body }) => {
      mailOf(services);
      await services.store.write(body.on ? "put-digest" : "end-digest", by);
      return stateOf(services, by);
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/me/email/confirm",
      tag,
      summary: "Be sent a letter whose link shows that one's e-mail address is one's own",
      who: "signed",
      status: 204,
      answer: null,
    },
    async ({ services, by }) => {
      const mail = mailOf(services);
      services.budgets.take("letter", String(by.userId));
      await mail.askForAddress(by);
      return null;
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/email/confirm",
      tag,
      summary: "Confirm an e-mail address by the link that was sent to it",
      who: "anyone",
      body: EmailLink,
      status: 204,
      answer: null,
    },
    async ({ services, from, body }) => {
      services.budgets.take("link", from.address);
      await mailOf(services).confirm(body.token);
      return null;
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/email/stop",
      tag,
      summary: "End the digest by the link in it, as mail programs do by one press (RFC 8058)",
      who: "anyone",
      query: UnsubscribeQuery,
      status: 204,
      answer: null,
    },
    async ({ services, from, query }) => {
      services.budgets.take("link", from.address);
      await mailOf(services).stop(query.token);
      return null;
    },
  ),
];

function mailOf({ mail }: Services): Mail {
  if (!mail) throw new Refusal("mail_off");
  return mail;
}

async function stateOf({ store, mail }: Services, by: Actor): Promise<Digest> {
  const { email, confirmed, on } = await store.read("mail-state", by);
  return { offered: mail !== null, email, confirmed, on };
}
