import { clockTime, fullTime } from "./show-time.ts";

/** The time of day, with the full date for whoever points at it. */
export function Time({ at, className }: { at: string; className?: string | undefined }) {
  return (
    <time className={className} dateTime={at} title={fullTime(at)}>
      {clockTime(at)}
    </time>
  );
}
