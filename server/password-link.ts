import { hashOfToken, type LinkMade } from "./auth/password-links.ts";
import type { Config } from "./config.ts";
import type { OpenRecord } from "./open-record.ts";
import { askServer } from "./operator-door.ts";
import { NOBODY } from "./store/store.ts";
import { localUrl } from "./url.ts";

/** A running server adds where it is. */
type Answer = LinkMade & { url?: string };

/**
 * `parlour admin NAME` and `parlour password NAME`: a link that sets the password of an account, printed once. Asked of
 * the server when it runs, and else written by this process. The token itself stays here: what crosses is its hash.
 */
export async function printPasswordLink(
  config: Config,
  name: string,
  makesAdmin: boolean,
  given: { openRecord: OpenRecord; write: (text: string) => void },
): Promise<void> {
  const token = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  const asked = { name, makesAdmin, tokenHash: hashOfToken(token) };
  const made = await makeLink(config, asked, given.openRecord);
  const base = config.publicUrl ?? made.url ?? localUrl(config, config.port);
  if (makesAdmin) given.write(`${standing(made)}\n`);
  given.write(
    `This link sets the password of ${made.username}, once, until ${new Date(made.until).toISOString()}.\nWhoever opens it is let in; every session of the account ends then.\n\n${base}/chat/password#${token}\n`,
  );
}

async function makeLink(
  config: Config,
  asked: { name: string; makesAdmin: boolean; tokenHash: string },
  openRecord: OpenRecord,
): Promise<Answer> {
  const answer = (await askServer(config.dataDir, { ask: "make-password-link", ...asked })) as Answer | null;
  if (answer !== null) return answer;
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const what = `parlour ${asked.makesAdmin ? "admin" : "password"}`;
  await openRecord(config, what, async (store) => resolve(await store.write("make-password-link", NOBODY, asked)));
  return promise;
}

function standing({ username, was }: LinkMade): string {
  switch (was) {
    case "admin":
      return `${username} is an admin.`;
    case "user":
      return `${username} is an admin now.`;
    case "nobody":
      return `There was no ${username}: the account is made, as an admin's.`;
    default:
      return was satisfies never;
  }
}
