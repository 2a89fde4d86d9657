/** "Firefox on Linux" for what a browser calls itself; anything else as it named itself. */
export function clientName(client: string): string {
  if (client === "") return "Unknown";
  const browser = BROWSERS.find(([mark]) => client.includes(mark))?.[1];
  const system = SYSTEMS.find(([mark]) => client.includes(mark))?.[1];
  if (browser === undefined) return client.length > 60 ? `${client.slice(0, 59)}…` : client;
  return system === undefined ? browser : `${browser} on ${system}`;
}

// In this order: most browsers also carry the names of those that came before them.
const BROWSERS = [
  ["Firefox/", "Firefox"],
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
] as const;

const SYSTEMS = [
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Windows", "Windows"],
  ["Mac OS", "macOS"],
  ["CrOS", "ChromeOS"],
  ["Linux", "Linux"],
] as const;
