import { call } from "#client/call.ts";
import { systemClock } from "#client/clock.ts";

export type MailLink = { does: "confirm" | "stop"; token: string };

/** What stands behind the # of a link in a letter; null: it is none of ours, or was cut. */
export function mailLinkIn(hash: string): MailLink | null {
  const [, does, token] = /^#(confirm|stop)\.([\w.-]{1,200})$/.exec(hash) ?? [];
  return does !== undefined && token !== undefined ? { does: does as MailLink["does"], token } : null;
}

export async function followMailLink({ does, token }: MailLink): Promise<void> {
  const caller = {
    base: location.origin,
    fetch: (url: string, init?: RequestInit) => fetch(url, init),
    clock: systemClock,
  };
  if (does === "confirm") await call(caller, "POST", "/api/v1/email/confirm", { body: { token } });
  else await call(caller, "POST", `/api/v1/email/stop?token=${encodeURIComponent(token)}`);
}
