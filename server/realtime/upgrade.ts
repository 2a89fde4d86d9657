import type { Server } from "bun";
import { Refusal } from "#shared/errors.ts";
import { PROTOCOL } from "#shared/subprotocol.ts";
import type { Signed } from "../auth/sessions.ts";
import { Connection } from "./connection.ts";
import { PlainSocket } from "./plain-socket.ts";
import type { Realtime } from "./realtime.ts";
import { RefusedSocket } from "./refused-socket.ts";
import { closeReasonFor, type SocketEnd } from "./socket.ts";

/** What proves the person before the socket exists; a cookie never does. */
export interface Doors {
  readonly realtime: Realtime;
  redeemTicket(ticket: string): Promise<Signed>;
  /** Browsers of other sites may come unless a list says which. */
  originAllowed(origin: string | null, host: string | null): boolean;
}

/**
 * `/ws` and `/ws/{room}`. A socket that is refused is accepted and closed with a code, because a browser cannot read
 * the status of a refused upgrade.
 */
export async function upgrade(
  doors: Doors,
  server: Server<SocketEnd>,
  request: Request,
  url: URL,
  address: string,
): Promise<boolean> {
  const end = await endFor(doors, request, url, address);
  // Bun answers the first offered subprotocol by itself; naming it here would send the header twice.
  if (server.upgrade(request, { data: end })) return true;
  end.closed(1006);
  return false;
}

async function endFor(doors: Doors, request: Request, url: URL, address: string): Promise<SocketEnd> {
  const { realtime } = doors;
  if (!doors.originAllowed(request.headers.get("origin"), request.headers.get("host"))) {
    return new RefusedSocket("forbidden", "This server does not take sockets from that site.");
  }
  if (!realtime.streams.mayDeliver) return new RefusedSocket("unavailable", "The database does not answer. Try again.");
  try {
    const signed = await proof(doors, request, url);
    const name = decodeName(url.pathname.slice("/ws/".length));
    if (realtime.limited && !realtime.addresses.enter(address)) {
      return new RefusedSocket("tooMany", "Too many sockets from this address.");
    }
    return name === "" ? new Connection(realtime, signed, address) : new PlainSocket(realtime, signed, address, name);
  } catch (error) {
    const detail = error instanceof Refusal ? error.message : "Something went wrong. Try again.";
    return new RefusedSocket(closeReasonFor(error) ?? "unauthorized", detail);
  }
}

/** Null: nothing was offered yet, the first frame may bring it. What is offered and not valid is refused at once. */
async function proof(doors: Doors, request: Request, url: URL): Promise<Signed | null> {
  const ticket = url.searchParams.get("ticket");
  if (ticket !== null) return doors.redeemTicket(ticket);
  const token = bearerIn(request) ?? url.searchParams.get("token");
  return token === null ? null : doors.realtime.authenticate(token);
}

function bearerIn(request: Request): string | null {
  const header = request.headers.get("authorization");
  if (header !== null) return /^Bearer +(.*)$/i.exec(header)?.[1]?.trim() ?? "";
  const offered =
    request.headers
      .get("sec-websocket-protocol")
      ?.split(",")
      .map((text) => text.trim()) ?? [];
  const bearer = offered.find((protocol) => protocol.startsWith("bearer."));
  if (bearer === undefined) return null;
  if (offered[0] !== PROTOCOL) throw new Refusal("unauthorized", `Offer ${PROTOCOL} first, then bearer.TOKEN.`);
  return bearer.slice("bearer.".length);
}

function decodeName(path: string): string {
  try {
    return decodeURIComponent(path.endsWith("/") ? path.slice(0, -1) : path);
  } catch {
    throw new Refusal("not_found", "The room's name is not valid percent-encoding.");
  }
}
