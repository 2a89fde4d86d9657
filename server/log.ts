export type Level = "debug" | "info" | "warn" | "error";

const ORDER: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * One JSON object a line. Fields are ids, counts and codes: never a token, a password or what somebody wrote. JSON also
 * keeps control characters of names from reaching a terminal.
 */
export interface Log {
  debug(what: string, fields?: Record<string, string | number | boolean | null>): void;
  info(what: string, fields?: Record<string, string | number | boolean | null>): void;
  warn(what: string, fields?: Record<string, string | number | boolean | null>): void;
  error(what: string, fields?: Record<string, string | number | boolean | null>): void;
}

export function createLog(level: Level, now: () => number, write: (line: string) => void): Log {
  const at =
    (mine: Level) =>
    (what: string, fields: Record<string, string | number | boolean | null> = {}) => {
      if (ORDER[mine] < ORDER[level]) return;
      write(`${JSON.stringify({ time: new Date(now()).toISOString(), level: mine, what, ...fields })}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
