export type Intent = "send" | "leave" | "edit-last" | null;

interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  /** An input method is still choosing characters: its Enter is not ours. */
  readonly isComposing: boolean;
}

/** What a key means in the composer; null leaves it to the browser, as Shift+Enter for a new line. */
export function intentOf(key: Key): Intent {
  if (key.isComposing) return null;
  if (key.key === "Enter" && !key.shiftKey && !key.altKey) return "send";
  if (key.key === "ArrowUp" && !key.shiftKey && !key.altKey && !key.ctrlKey && !key.metaKey) return "edit-last";
  if (key.key === "Escape") return "leave";
  return null;
}
