import type { Line } from "#client/chat.ts";

/** `rest` counts down and is seen only: read aloud each second it would drown everything else. */
export interface LineText {
  readonly said: string;
  readonly rest: string;
}

export function lineText(line: Line, now: number): LineText | null {
  switch (line.state) {
    case "idle":
    case "live":
    case "signed-out":
      return null;
    case "connecting":
      return { said: "Connecting", rest: "" };
    case "catching-up":
      return { said: "Catching up", rest: "" };
    case "waiting":
      return { said: WHY[line.why], rest: inSeconds(line.until - now) };
    case "stopped":
      return { said: line.detail === "" ? "The server closed the connection." : line.detail, rest: "" };
    default:
      return line satisfies never;
  }
}

const WHY = {
  cut: "The connection was lost.",
  offline: "You are offline.",
  draining: "The server is restarting.",
  refused: "The server cannot be reached.",
} as const;

function inSeconds(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds > 0 && seconds < 3_600 ? `Next try in ${seconds} s` : "";
}
