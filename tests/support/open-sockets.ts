import type { TestServer } from "./start-server.ts";

/** How many sockets a server says that it has, on all its nodes. */
export async function openSockets(server: Pick<TestServer, "urls">): Promise<number> {
  let sum = 0;
  for (const url of server.urls) {
    const text = await (await fetch(`${url}/metrics`)).text();
    sum += Number(/^parlour_connections (\d+)/m.exec(text)?.[1]);
  }
  return sum;
}
