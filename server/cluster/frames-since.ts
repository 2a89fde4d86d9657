import type { StreamChunk } from "../store/streams.ts";

/** All chunks of what changed after a version, each under the version of the first: what changes meanwhile comes again. */
export async function framesSince<Frame extends { version: number }>(
  read: (from: number) => Promise<StreamChunk<Frame>>,
): Promise<Frame[]> {
  const frames: Frame[] = [];
  let from: number | null = 0;
  while (from !== null) {
    const chunk: StreamChunk<Frame> = await read(from);
    frames.push({ ...chunk.frame, version: frames[0]?.version ?? chunk.frame.version });
    from = chunk.next;
  }
  return frames;
}
