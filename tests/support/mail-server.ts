import type { Socket, TCPSocketListener } from "bun";

export interface Delivered {
  readonly from: string;
  readonly to: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

interface Line {
  rest: string;
  from: string;
  to: string[];
  data: string[] | null;
}

/** A mail server of the tests' own: it takes what RFC 5321 says, and keeps what it was given. */
export class MailServer {
  readonly delivered: Delivered[] = [];
  /** Every line that a client said. */
  readonly heard: string[] = [];
  /** Refuses whatever is to be delivered. */
  isFull = false;
  readonly #server: TCPSocketListener<Line>;

  constructor() {
    this.#server = Bun.listen<Line>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: (socket) => {
          socket.data = { rest: "", from: "", to: [], data: null };
          socket.write("220 mail.test ESMTP\r\n");
        },
        data: (socket, bytes) => this.#hear(socket, bytes.toString("utf8")),
      },
    });
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.#server.port}`;
  }

  to(address: string): Delivered[] {
    return this.delivered.filter(({ to }) => to.includes(address));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#server.stop(true);
    return Promise.resolve();
  }

  #hear(socket: Socket<Line>, text: string): void {
    const line = socket.data;
    const lines = (line.rest + text).split("\r\n");
    line.rest = lines.pop() ?? "";
    for (const each of lines) {
      this.heard.push(each);
      const answer = line.data ? this.#body(line, line.data, each) : this.#command(line, each);
      if (answer !== null) socket.write(`${answer}\r\n`);
    }
  }

  #command(line: Line, said: string): string {
    const verb = said.slice(0, 4).toUpperCase();
    const address = /<(.*)>/.exec(said)?.[1] ?? "";
    switch (verb) {
      case "EHLO":
        return "250-mail.test\r\n250 SMTPUTF8";
      case "MAIL":
        line.from = address;
        line.to = [];
        return this.isFull ? "452 full" : "250 ok";
      case "RCPT":
        line.to.push(address);
        return "250 ok";
      case "DATA":
        line.data = [];
        return "354 go on";
      case "QUIT":
        return "221 bye";
      default:
        return "250 ok";
    }
  }

  #body(line: Line, data: string[], said: string): string | null {
    if (said !== ".") {
      data.push(said.startsWith("..") ? said.slice(1) : said);
      return null;
    }
    line.data = null;
    this.delivered.push({ from: line.from, to: line.to, ...partsOf(data) });
    return "250 taken";
  }
}

function partsOf(lines: readonly string[]): { headers: Map<string, string>; text: string } {
  const end = lines.indexOf("");
  const unfolded = lines
    .slice(0, end)
    .join("\r\n")
    .replaceAll(/\r\n[ \t]+/g, " ");
  const headers = new Map<string, string>();
  for (const line of unfolded.split("\r\n")) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return {
    headers,
    text: decoded(lines.slice(end + 1).join("\n"), headers.get("content-transfer-encoding") ?? "7bit"),
  };
}

function decoded(body: string, encoding: string): string {
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  if (encoding !== "quoted-printable") return body;
  const bytes = body
    .replaceAll("=\n", "")
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
