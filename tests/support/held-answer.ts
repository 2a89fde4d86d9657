import type { TestServer } from "./start-server.ts";

/** Holds back what the store answers to the next read of this name. */
export function heldAnswer({ stores }: TestServer, name: string): { asked: Promise<void>; letGo: () => void } {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const giveBack = stores.map((store) => {
    const { read } = store;
    store.read = (async (...args: Parameters<typeof read>) => {
      const answer = await read.apply(store, args);
      if (args[0] === name) {
        for (const give of giveBack) give();
        asked.resolve();
        await released.promise;
      }
      return answer;
    }) as typeof read;
    return () => {
      store.read = read;
    };
  });
  return { asked: asked.promise, letGo: () => released.resolve() };
}
