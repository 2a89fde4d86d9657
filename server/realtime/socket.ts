import type { ServerWebSocket } from "bun";
import { type CloseReason, closeCodes } from "#shared/close-codes.ts";
import { type ErrorCode, errors, Refusal } from "#shared/errors.ts";
import type { ErrorFrame, ServerFrame } from "#shared/frames.ts";

/** What stands behind a native socket. One per open socket, so it carries no closures. */
export interface SocketEnd {
  opened(ws: ServerWebSocket<SocketEnd>): void;
  heard(text: string): void;
  /** The native queue is empty again. */
  drained(): void;
  closed(code: number): void;
}

export type NativeSocket = ServerWebSocket<SocketEnd>;

export function sendFrame(ws: NativeSocket, frame: ServerFrame | { type: "history"; messages: unknown[] }): void {
  ws.send(JSON.stringify(frame));
}

export function closeSocket(ws: NativeSocket, reason: CloseReason, detail: string): void {
  // A close frame has room for 123 bytes of reason.
  ws.close(closeCodes[reason].code, detail.slice(0, 100));
}

export function errorFrame(
  code: ErrorCode,
  detail?: string,
  about: { nonce?: string; roomId?: number } = {},
): ErrorFrame {
  const frame: ErrorFrame = { type: "error", code, detail: detail ?? errors[code].detail };
  if (about.nonce !== undefined) frame.nonce = about.nonce;
  if (about.roomId !== undefined) frame.room_id = about.roomId;
  return frame;
}

export function refusalFrame(error: unknown, about: { nonce?: string; roomId?: number } = {}): ErrorFrame {
  if (!(error instanceof Refusal)) return errorFrame("internal", undefined, about);
  const frame = errorFrame(error.code, error.message, about);
  if (error.retryAfter !== undefined) frame.retry_after = error.retryAfter;
  return frame;
}

/** With which code a socket is closed that could not be let in; null: what was asked of it is wrong in itself. */
export function closeReasonFor(error: unknown): CloseReason | null {
  if (!(error instanceof Refusal)) return "unavailable";
  switch (error.status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "notFound";
    case 429:
      return "tooMany";
    default:
      return error.status >= 500 ? "unavailable" : null;
  }
}
