import type { CloseReason } from "#shared/close-codes.ts";
import { closeSocket, type NativeSocket, type SocketEnd } from "./socket.ts";

/** A socket that is accepted only to say why it is not wanted. */
export class RefusedSocket implements SocketEnd {
  readonly #reason: CloseReason;
  readonly #detail: string;

  constructor(reason: CloseReason, detail: string) {
    this.#reason = reason;
    this.#detail = detail;
  }

  opened(ws: NativeSocket): void {
    closeSocket(ws, this.#reason, this.#detail);
  }

  heard(): void {}
  drained(): void {}
  closed(): void {}
}
