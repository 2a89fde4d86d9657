export interface FlushAudit {
  /** The nonces of acknowledgements that left, in their order. */
  acks: string[];
  /** Acknowledgements that left before what they acknowledge was written to the WAL and flushed. */
  faults: string[];
}

/**
 * Reads a trace of a server to which one message after another was sent. A kill tests no flush, because what was written
 * outlives the process; the order of the system calls tells what a power cut would leave.
 */
export function auditFlushes(trace: string): FlushAudit {
  const acks: string[] = [];
  const faults: string[] = [];
  let writes = 0;
  let flushed = 0;
  let acknowledged = 0;
  /** By thread: how much was written when a flush began that has not ended. */
  const flushing = new Map<string, number>();
  for (const line of trace.split("\n")) {
    const [, thread = "", call = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (WAL_WRITE.test(call)) writes += 1;
    else if (WAL_FLUSH.test(call)) {
      if (call.includes("<unfinished")) flushing.set(thread, writes);
      else if (WELL.test(call)) flushed = writes;
    } else if (FLUSH_RESUMED.test(call)) {
      if (WELL.test(call)) flushed = Math.max(flushed, flushing.get(thread) ?? 0);
      flushing.delete(thread);
    } else {
      for (const [, nonce = ""] of call.matchAll(ACK)) {
        acks.push(nonce);
        if (writes === acknowledged) faults.push(`${nonce}: nothing was written`);
        else if (flushed < writes) faults.push(`${nonce}: not flushed`);
        acknowledged = writes;
      }
    }
  }
  return { acks, faults };
}

const WAL_WRITE = /^(?:write|writev|pwrite64|pwritev)\(\d+<[^>]*-wal>/;
const WAL_FLUSH = /^(?:fsync|fdatasync)\(\d+<[^>]*-wal>/;
const FLUSH_RESUMED = /^<\.\.\. (?:fsync|fdatasync) resumed>/;
const WELL = /\) += 0\b/;
const ACK = /\{\\"type\\":\\"ack\\",\\"nonce\\":\\"([^"\\]+)\\"/g;
