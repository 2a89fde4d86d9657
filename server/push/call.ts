import { lookup } from "node:dns/promises";
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock } from "../clock.ts";
import { isPublic } from "./address.ts";
import { type AllowedHosts, guardEndpoint } from "./endpoint.ts";

/** What a push service answered: its status, and in how many seconds it wants to be asked again. Its words are not read. */
export type CallAnswer =
  | { readonly status: number; readonly retryAfter: number | null }
  /** It may not be called at all. */
  | { readonly fault: string }
  /** It could not be reached, or did not answer in time. */
  | { readonly unreached: true };

export interface CallParts {
  readonly allowed: AllowedHosts;
  readonly resolve: (host: string) => Promise<readonly string[]>;
  readonly clock: Clock;
}

const WITHIN = 10_000;
/** Beyond this no answer's head is read. */
const MOST_HEAD = 16 * 1_024;

export async function resolveByDns(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true, order: "verbatim" })).map(({ address }) => address);
}

/**
 * POSTs to an address that a stranger gave. The name is resolved once, each of its addresses is looked at, and the call
 * goes to the very one that was: a name that leads elsewhere a moment later leads nowhere. No redirect is followed.
 */
export async function callService(
  parts: CallParts,
  endpoint: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<CallAnswer> {
  const guarded = guardEndpoint(endpoint, parts.allowed);
  if ("fault" in guarded) return guarded;
  const { url, isNamed } = guarded;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(host) ? [host] : await resolveInTime(parts, host);
  if (addresses.length === 0) return { unreached: true };
  const address = addresses.find((each) => isNamed || isPublic(each));
  if (address === undefined) return { fault: "The name of the push service leads into a network of its own." };
  const socket = open(url, host, address);
  return new Promise((resolve) => {
    let head = "";
    const end = (answer: CallAnswer) => {
      cancel();
      socket.destroy();
      resolve(answer);
    };
    const cancel = parts.clock.after(WITHIN, () => end({ unreached: true }));
    socket.on("error", () => end({ unreached: true }));
    socket.on("close", () => end({ unreached: true }));
    socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => {
      socket.write(requestHead(url, headers, body.length));
      socket.write(body);
    });
    socket.on("data", (part: Buffer) => {
      head += part.toString("latin1");
      const length = head.indexOf("\r\n\r\n");
      if (length >= 0) end(answerFrom(head.slice(0, length), parts.clock.now()));
      else if (head.length > MOST_HEAD) end({ unreached: true });
    });
  });
}

function resolveInTime({ resolve, clock }: CallParts, host: string): Promise<readonly string[]> {
  return new Promise((found) => {
    const cancel = clock.after(WITHIN, () => found([]));
    resolve(host).then(
      (addresses) => {
        cancel();
        found(addresses);
      },
      () => {
        cancel();
        found([]);
      },
    );
  });
}

function open(url: URL, host: string, address: string): Socket {
  if (url.protocol === "http:") return connectPlain({ host: address, port: Number(url.port || 80) });
  const name = isIP(host) ? {} : { servername: host };
  return connectTls({ host: address, port: Number(url.port || 443), ALPNProtocols: ["http/1.1"], ...name });
}

function requestHead(url: URL, headers: Readonly<Record<string, string>>, length: number): string {
  // A URL holds no line breaks, and neither do the headers: all of them are ours.
  const lines = [`POST ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`, `Content-Length: ${length}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  return `${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`;
}

function answerFrom(head: string, now: number): CallAnswer {
  const status = Number(/^HTTP\/1\.[01] ([1-5]\d\d)\b/.exec(head)?.[1]);
  if (!Number.isInteger(status)) return { unreached: true };
  const later = /^retry-after:[ \t]*([^\r\n]*?)[ \t]*$/im.exec(head)?.[1];
  return { status, retryAfter: later === undefined ? null : secondsFrom(later, now) };
}

/** A number of seconds, or a date. */
function secondsFrom(text: string, now: number): number | null {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1_000));
}
