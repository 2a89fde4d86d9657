/** Times that are often meant by "later", on the clock of whoever asks. */
export function laterTimes(now: number): { label: string; at: number }[] {
  const morning = (days: number) => {
    const date = new Date(now);
    return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, 9).getTime();
  };
  const daysToMonday = (8 - new Date(now).getDay()) % 7 || 7;
  return [
    { label: "In an hour", at: now + 3_600_000 },
    { label: "Tomorrow at nine", at: morning(1) },
    ...(daysToMonday === 1 ? [] : [{ label: "On Monday at nine", at: morning(daysToMonday) }]),
  ];
}
