import { Chat, type SendStorage } from "#client/chat.ts";
import { systemClock } from "#client/clock.ts";
import { type Random, systemRandom } from "#client/nonce.ts";
import type { OpenSocket } from "#client/socket.ts";
import { memoryQueue, type Person } from "./people.ts";

export interface Device {
  readonly chat: Chat;
  /** Breaks the line under the client, without a close frame. */
  cut(): void;
}

export interface DeviceWishes {
  keepOpen?: number;
  queue?: SendStorage;
  /** The client of another version. */
  made?: typeof Chat;
  /** Comes back as soon as clients do that are many, not at once. */
  isPatient?: boolean;
  /** Every text that goes out. */
  said?: (text: string) => void;
  /** Every text that comes in. The client hears what is answered in its place: false is nothing, true the text itself. */
  heard?: (text: string) => boolean | string[];
}

/** A device of a person whose line the test holds in its hand. It comes back within milliseconds after a cut. */
export function deviceOf(person: Person, base: string, wishes: DeviceWishes = {}): Device {
  const sockets = new Set<WebSocket>();
  const openSocket: OpenSocket = (url, protocols, on) => {
    const socket = new WebSocket(url, protocols);
    sockets.add(socket);
    socket.onopen = () => on.open();
    socket.onmessage = ({ data }) => {
      const heard = wishes.heard?.(String(data)) ?? true;
      const texts = typeof heard === "boolean" ? (heard ? [String(data)] : []) : heard;
      for (const text of texts) on.text(text);
    };
    socket.onclose = ({ code, reason }) => {
      sockets.delete(socket);
      on.close(code, reason);
    };
    return {
      send(text) {
        wishes.said?.(text);
        socket.send(text);
      },
      close: (code) => socket.close(code),
    };
  };
  const chat = new (wishes.made ?? Chat)({
    base,
    session: person.session,
    openSocket,
    fetch,
    clock: systemClock,
    random: wishes.isPatient ? systemRandom : impatient,
    queue: wishes.queue ?? memoryQueue(),
    ...(wishes.keepOpen === undefined ? {} : { keepOpen: wishes.keepOpen }),
  });
  return {
    chat,
    cut() {
      // Bun's own: the type that browsers share has no way to break a line.
      for (const socket of sockets) (socket as unknown as { terminate(): void }).terminate();
    },
  };
}

/** Backoff asks for four bytes: near nothing of its bound is waited. Nonces ask for more. */
const impatient: Random = (bytes) => (bytes === 4 ? new Uint8Array([1, 0, 0, 0]) : systemRandom(bytes));
