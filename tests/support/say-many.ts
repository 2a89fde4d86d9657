import type { RawSocket } from "./raw-socket.ts";

let sayings = 0;

/** Says so many messages in a room, all at once, and waits until the last one is stored. Answers the last one's seq. */
export async function sayMany(socket: RawSocket, roomId: number, count: number, content = "hello"): Promise<number> {
  sayings += 1;
  const saying = sayings;
  const nonce = (at: number) => `many ${saying} ${at}`;
  for (let at = 1; at <= count; at++) {
    socket.say({ type: "send", room_id: roomId, nonce: nonce(at), content: `${content} ${at}` });
  }
  return (await socket.hears("ack", (ack) => ack.nonce === nonce(count))).seq;
}
