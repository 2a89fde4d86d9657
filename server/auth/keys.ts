import { hkdfSync } from "node:crypto";

/** One key a purpose, all from SECRET_KEY, so that what is signed for one door opens no other. */
export interface Keys {
  readonly access: Uint8Array;
  readonly refresh: Uint8Array;
  readonly nonces: Uint8Array;
  readonly browsers: Uint8Array;
  readonly push: Uint8Array;
  readonly pushTopics: Uint8Array;
  readonly mail: Uint8Array;
}

export function deriveKeys(secret: string): Keys {
  const derive = (purpose: string) => new Uint8Array(hkdfSync("sha256", secret, "parlour", purpose, 32));
  return {
    access: derive("access token"),
    refresh: derive("refresh token"),
    nonces: derive("content of nonces"),
    browsers: derive("known browsers"),
    push: derive("push services"),
    pushTopics: derive("rooms as push topics"),
    mail: derive("links in letters"),
  };
}
