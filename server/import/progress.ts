import { number } from "./rules.ts";

/** Says how far something long is: a bar in a terminal, a line at each end elsewhere. */
export interface Progress {
  /** `done` of `all` of what is called `what`. */
  at(what: string, done: number, all: number): void;
  end(): void;
}

const WIDTH = 30;

export function createProgress(out: { isTerminal: boolean; write: (text: string) => void }): Progress {
  let what = "";
  let last = "";
  const end = () => {
    if (last !== "") out.write(out.isTerminal ? `\r${last}\n` : `${last}\n`);
    last = "";
  };
  return {
    at(now, done, all) {
      if (now !== what) end();
      what = now;
      const share = all === 0 ? 1 : Math.min(1, done / all);
      const count = `${number(Math.min(done, all))} of ${number(all)}`;
      if (!out.isTerminal) {
        last = `${now.padEnd(10)} ${count}`;
        return;
      }
      const bar = "#".repeat(Math.floor(share * WIDTH)).padEnd(WIDTH, ".");
      last = `${now.padEnd(10)} [${bar}] ${count}`;
      out.write(`\r${last}`);
    },
    end,
  };
}
