import { clockTime, fullTime, narrowTime } from "./show-time.ts";

interface TimeProps {
  at: string;
  narrow?: boolean;
  className?: string | undefined;
}

/** The time of day, with the full date for whoever points at it. */
export function Time({ at, narrow = false, className }: TimeProps) {
  return (
    <time className={className} dateTime={at} title={fullTime(at)}>
      {narrow ? narrowTime(at) : clockTime(at)}
    </time>
  );
}
