import type { Hub } from "./hub.ts";

/**
 * From the past into the present of one numbered stream, in three steps: record what is said from now on; read and hand
 * over what was said before; then, in one synchronous step, hand over what was recorded beyond what was read and go
 * live. Nothing is lost between the two and nothing comes twice.
 *
 * `read` returns the seq up to which it handed over, or null when the stream cannot be continued or is not wanted any
 * more; then nothing goes live. Nor does it when more was said meanwhile than is recorded: then the answer is `lost`.
 */
export async function catchUp(
  hub: Hub,
  key: string,
  read: () => Promise<number | null>,
  cutover: (since: string[]) => void,
): Promise<"done" | "lost"> {
  const recording = hub.record(key);
  try {
    const upTo = await read();
    if (upTo === null) return "done";
    const since = recording.after(upTo);
    if (since === null) return "lost";
    cutover(since);
    return "done";
  } finally {
    recording.end();
  }
}
