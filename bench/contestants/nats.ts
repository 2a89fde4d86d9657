import type { Cores } from "../machine.ts";
import { freePort, pinned, waitForPort } from "../machine.ts";

export interface Traffic {
  messages: number;
  bytes: number;
}

export interface Nats {
  pid: number;
  url: string;
  /** All that nodes have said so far. */
  said(): Promise<Traffic>;
  stop(): void;
}

export async function startNats(cores: Cores): Promise<Nats> {
  const program = Bun.which("nats-server", { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` });
  if (program === null) throw new Error("nats-server is not installed: apt-get install nats-server");
  const [port, watched] = [await freePort(), await freePort()];
  const words = [program, "-a", "127.0.0.1", "-p", String(port), "-m", String(watched)];
  const child = Bun.spawn(pinned("load", cores, words), { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  const stop = () => child.kill();
  process.on("exit", stop);
  await waitForPort(watched, child.exited, 5_000);
  return {
    pid: child.pid,
    url: `nats://127.0.0.1:${port}`,
    async said() {
      const answer = await fetch(`http://127.0.0.1:${watched}/varz`);
      const { in_msgs, in_bytes } = (await answer.json()) as { in_msgs: number; in_bytes: number };
      return { messages: in_msgs, bytes: in_bytes };
    },
    stop,
  };
}
