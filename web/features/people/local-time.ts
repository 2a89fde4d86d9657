/** The time of day where somebody is; a zone that this browser does not know is no reason to fail. */
export function localTime(now: number, timeZone: string): string {
  try {
    return new Intl.DateTimeFormat(undefined, { timeStyle: "short", timeZone }).format(new Date(now));
  } catch {
    return "unknown";
  }
}
