/**
 * What one writes in a day: the package `ws` on Node, and a loop over the room's sockets. It stores nothing.
 * Plain JavaScript, because Node runs it; Bun would put its own sockets in the place of `ws`.
 *
 *   node bench/peers/ws-loop.mjs PORT
 */
import { WebSocketServer } from "ws";

const rooms = new Map();
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), perMessageDeflate: false });

server.on("connection", (socket, request) => {
  const url = new URL(request.url, "http://127.0.0.1");
  const first = Number(url.pathname.split("/").at(-1));
  const names = Array.from({ length: Number(url.searchParams.get("rooms") ?? 1) }, (_, index) => first + index);
  for (const name of names) membersOf(name).add(socket);
  socket.on("message", (data) => {
    const text = data.toString();
    for (const member of membersOf(first)) member.send(text);
  });
  socket.on("close", () => {
    for (const name of names) membersOf(name).delete(socket);
  });
  socket.send("welcome");
});
server.on("listening", () => console.log(`ws-loop listens on ${server.address().port}`));

function membersOf(name) {
  const members = rooms.get(name) ?? new Set();
  rooms.set(name, members);
  return members;
}
