const KEY = "emojis";
const MOST = 14;
const AT_FIRST = ["👍", "❤️", "😂", "🎉", "🙏", "👀", "✅"];

/** What the person chose last on this device, filled up with what most people choose. It tells nothing about anybody. */
export function usedEmojis(most: number): string[] {
  return [...new Set([...kept(), ...AT_FIRST])].slice(0, most);
}

export function noteEmoji(emoji: string): void {
  try {
    localStorage.setItem(KEY, [...new Set([emoji, ...kept()])].slice(0, MOST).join(" "));
  } catch {
    // Without storage the usual ones stay in front.
  }
}

function kept(): string[] {
  try {
    return localStorage.getItem(KEY)?.split(" ").filter(Boolean) ?? [];
  } catch {
    return [];
  }
}
