/** What of one's own is being edited. */
export interface Editing {
  readonly key: string;
  readonly content: string;
  readonly save: (content: string) => Promise<void>;
}
