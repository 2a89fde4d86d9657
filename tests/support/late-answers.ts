import { connect, createServer, type Socket } from "node:net";

/** A way to a database on which answers to some statements arrive late: as when the one who answers is put to sleep. */
export interface LateAnswers extends AsyncDisposable {
  readonly url: string;
}

export async function lateAnswers(url: string, statement: RegExp, ms: number): Promise<LateAnswers> {
  const to = new URL(url);
  const open = new Set<Socket>();
  const server = createServer((outer) => {
    const inner = connect(Number(to.port), to.hostname);
    const isAsked = askedFor(statement);
    outer.on("data", (part) => {
      if (isAsked(part.toString("latin1"))) {
        inner.pause();
        setTimeout(() => inner.resume(), ms);
      }
      inner.write(part);
    });
    inner.on("data", (part) => outer.write(part));
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
  const address = server.address();
  const via = new URL(url);
  via.port = String(typeof address === "object" ? address?.port : 0);
  return {
    url: via.href,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((go) => server.close(() => go()));
    },
  };
}

/** Whether the statement is executed by what is said: one that the server keeps is named once, and then goes by its name. */
function askedFor(statement: RegExp): (said: string) => boolean {
  const names: string[] = [];
  const parse = new RegExp(`P[^]{4}(\\w+)\0[^\0]*(?:${statement.source})`);
  return (said) => {
    const name = parse.exec(said)?.[1];
    if (name !== undefined) names.push(name);
    else if (statement.test(said)) return true;
    return names.some((each) => said.includes(`\0${each}\0`) && said.includes("B"));
  };
}
