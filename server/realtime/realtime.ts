import type { Signed } from "../auth/sessions.ts";
import type { Clock } from "../clock.ts";
import type { Sends } from "../messages/send.ts";
import type { Store } from "../store/store.ts";
import type { Acks } from "./acks.ts";
import type { AddressCount } from "./address-count.ts";
import type { Hub } from "./hub.ts";
import type { Presence } from "./presence.ts";
import type { Streams } from "./streams.ts";

/** What every socket works with. */
export interface Realtime {
  readonly store: Store;
  readonly sends: Sends;
  readonly hub: Hub;
  readonly presence: Presence;
  readonly streams: Streams;
  readonly acks: Acks;
  readonly clock: Clock;
  readonly addresses: AddressCount;
  /** Whether sockets have budgets; off only for measuring. */
  readonly limited: boolean;
  readonly roomCreation: "everyone" | "admins";
  /** Refuses a person who makes rooms too fast. */
  takeRoom(userId: number): void;
  /** Whose session an access token names, or a refusal. The one check for every door. */
  authenticate(token: string): Promise<Signed>;
}
