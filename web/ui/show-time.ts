// Making a formatter costs far more than using it, and a timeline draws hundreds of times.
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const dayInYear = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dayWithYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function clockTime(at: string | number): string {
  return clock.format(new Date(at));
}

/** Without "AM", for where a whole time has no room. */
export function narrowTime(at: string | number): string {
  const parts = clock.formatToParts(new Date(at)).filter((part) => part.type !== "dayPeriod");
  return parts
    .map((part) => part.value)
    .join("")
    .trim();
}

export function fullTime(at: string | number): string {
  return full.format(new Date(at));
}

export function shortTime(at: string | number): string {
  return dateAndTime.format(new Date(at));
}

/** "Today", "Yesterday", "Monday, 12 May", or the date with its year. */
export function dayName(at: number, now: number): string {
  const day = new Date(at);
  const today = new Date(now);
  if (sameDay(day, today)) return "Today";
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (sameDay(day, yesterday)) return "Yesterday";
  return (day.getFullYear() === today.getFullYear() ? dayInYear : dayWithYear).format(day);
}

function sameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
}
