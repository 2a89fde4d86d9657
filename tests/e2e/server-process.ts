import { KillableServer } from "#tests/faults/killable-server.ts";
import { type InFront, standInFront } from "#tests/support/in-front.ts";
import { placeOfTests, testNodes } from "#tests/support/start-server.ts";

/**
 * The server as an operator runs it: a process that can be killed, or as many behind one address as the suite runs on.
 * Keeps its address and its data.
 */
export class ServerProcess {
  readonly #nodes: readonly KillableServer[];
  readonly #front: InFront | null;

  private constructor(nodes: readonly KillableServer[], front: InFront | null) {
    this.#nodes = nodes;
    this.#front = front;
  }

  static async start(): Promise<ServerProcess> {
    const env = await placeOfTests(testNodes);
    const nodes = await Promise.all(Array.from({ length: testNodes }, () => KillableServer.start({ env })));
    return new ServerProcess(nodes, testNodes > 1 ? await standInFront(() => nodes.map((node) => node.url)) : null);
  }

  get url(): string {
    return this.#front ? `http://127.0.0.1:${this.#front.port}` : (this.#nodes[0]?.url ?? "");
  }

  async start(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.start()));
  }

  /** As an operator stops it. */
  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.stop()));
  }

  /** As the machine's lack of memory ends it: nothing is told to anybody. */
  async kill(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#front?.close();
    await Promise.all(this.#nodes.map((node) => node[Symbol.asyncDispose]()));
  }
}
