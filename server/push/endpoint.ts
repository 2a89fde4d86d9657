import { isIP } from "node:net";
import { limits } from "#shared/limits.ts";

/** Which push services may be called. */
export interface AllowedHosts {
  /** Origins that the operator named one by one: they may stand anywhere, in a network of their own too. */
  readonly named: readonly string[];
  /** Names, and with "*." before them all names below: only at addresses of the open internet. */
  readonly open: readonly string[];
  /** Any host of the open internet. */
  readonly any: boolean;
}

/** Where the makers of today's browsers have theirs. */
export const MAKERS: readonly string[] = [
  "fcm.googleapis.com",
  "updates.push.services.mozilla.com",
  "*.push.apple.com",
  "*.notify.windows.com",
];

export type Guarded = { readonly url: URL; readonly isNamed: boolean } | { readonly fault: string };

/**
 * Whether an address that a stranger gave may be written to. Names and numbers are taken as the URL's own rules read
 * them, so that every spelling of an address is the same one here; where its name leads is asked when it is called.
 */
export function guardEndpoint(text: string, allowed: AllowedHosts): Guarded {
  if (text.length > limits.pushEndpointLength) return { fault: "The address is too long." };
  const url = URL.parse(text);
  if (!url) return { fault: "This is no address." };
  if (url.username !== "" || url.password !== "") return { fault: "The address holds a name or a password." };
  if (url.hash !== "") return { fault: "The address has a part behind a #." };
  if (allowed.named.includes(url.origin)) return { url, isNamed: true };
  if (url.protocol !== "https:") return { fault: "A push service is called by https." };
  if (url.port !== "") return { fault: "A push service is called on port 443." };
  const host = url.hostname;
  if (host.startsWith("[") || isIP(host) !== 0) return { fault: "A push service has a name, and this is a number." };
  if (host.endsWith(".")) return { fault: "The name of the host ends with a dot." };
  if (!host.includes(".") || INSIDE.test(host)) return { fault: "This name belongs to a network of its own." };
  if (allowed.any || allowed.open.some((pattern) => fits(host, pattern))) return { url, isNamed: false };
  return { fault: "This server does not call that push service. Its operator can allow it with PUSH_HOSTS." };
}

/** Names that mean something only inside of a network. */
const INSIDE =
  /\.(?:localhost|local|internal|intranet|lan|home|corp|private|home\.arpa|localdomain|test|invalid|onion)$/;

function fits(host: string, pattern: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}
