import type { ErrorCode } from "#shared/errors.ts";

/**
 * `sending`: on its way, no answer yet. `sent`: acknowledged, and shown until its event arrives in the room's log.
 * `failed`: refused; stays until it is retried or discarded.
 */
export type SendState = "waiting" | "sending" | "sent" | { readonly failed: ErrorCode; readonly detail: string };

export interface PendingSend {
  readonly nonce: string;
  readonly room_id: number;
  readonly content: string;
  /** When it was written, by the own clock. */
  readonly at: number;
  readonly state: SendState;
}

/** What outlives a reload: sends that have no acknowledgement yet. */
export interface StoredSend {
  readonly nonce: string;
  readonly room_id: number;
  readonly content: string;
  readonly at: number;
  readonly failed: { readonly code: ErrorCode; readonly detail: string } | null;
}

export interface SendStorage {
  load(): StoredSend[];
  save(items: readonly StoredSend[]): void;
}
