import type { TestServer } from "./start-server.ts";

/** Holds back what the store answers to the next read of this name. */
export function heldAnswer({ store }: TestServer, name: string): { asked: Promise<void>; letGo: () => void } {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const read = store.read;
  store.read = (async (...args: Parameters<typeof read>) => {
    const answer = await read.apply(store, args);
    if (args[0] === name) {
      store.read = read;
      asked.resolve();
      await released.promise;
    }
    return answer;
  }) as typeof read;
  return { asked: asked.promise, letGo: () => released.resolve() };
}
