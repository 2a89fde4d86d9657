/** Says bytes to a server as no client would, and hears the beginning of what it answers; empty if it only hangs up. */
export async function sayRaw(base: string, text: string, within = 5_000): Promise<string> {
  const { hostname, port } = new URL(base);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const timer = setTimeout(() => reject(new Error(`No answer to ${JSON.stringify(text.slice(0, 80))}`)), within);
  let heard = "";
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(_, bytes) {
        heard += bytes.toString("latin1");
        const [head, body] = heard.split("\r\n\r\n");
        const length = Number(/content-length: (\d+)/i.exec(head ?? "")?.[1] ?? 0);
        if (body !== undefined && body.length >= length) resolve(heard);
      },
      close: () => resolve(heard),
      error: () => resolve(heard),
    },
  });
  let rest: Uint8Array = new TextEncoder().encode(text);
  // What does not fit into the kernel's buffer at once is said in turns; a server may have stopped listening by then.
  while (rest.length > 0) {
    const written = socket.write(rest);
    if (written < 0) break;
    rest = rest.subarray(written);
    if (rest.length > 0) await new Promise<void>((go) => setImmediate(go));
  }
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.end();
  }
}
