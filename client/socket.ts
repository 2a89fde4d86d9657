/** What a connection needs of a WebSocket. */
export interface Socket {
  send(text: string): void;
  close(code?: number): void;
}

export interface SocketEvents {
  open(): void;
  text(data: string): void;
  close(code: number, reason: string): void;
}

export type OpenSocket = (url: string, protocols: string[], on: SocketEvents) => Socket;

/** The WebSocket of browsers and of Bun. */
export const browserSocket: OpenSocket = (url, protocols, on) => {
  const socket = new WebSocket(url, protocols);
  socket.addEventListener("open", () => on.open());
  socket.addEventListener("message", (message: MessageEvent) => {
    if (typeof message.data === "string") on.text(message.data);
  });
  socket.addEventListener("close", (close: CloseEvent) => on.close(close.code, close.reason));
  return {
    send: (text) => socket.send(text),
    close: (code) => socket.close(code),
  };
};
