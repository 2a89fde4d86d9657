import type { ActiveUsers } from "#shared/frames.ts";
import type { Budgets } from "./auth/budgets.ts";
import type { Guesses } from "./auth/guesses.ts";
import type { Keys } from "./auth/keys.ts";
import type { Passwords } from "./auth/passwords.ts";
import type { SignedIn } from "./auth/signed-in.ts";
import type { Tickets } from "./auth/tickets.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";
import type { Mail } from "./mail/mail.ts";
import type { Sends } from "./messages/send.ts";
import type { Push } from "./push/push.ts";
import type { SeenNow } from "./realtime/seen.ts";
import type { Store } from "./store/store.ts";

/** Everything that endpoints work with, built once by `server.ts`. */
export interface Services {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
  readonly store: Store;
  readonly keys: Keys;
  readonly passwords: Passwords;
  readonly budgets: Budgets;
  readonly guesses: Guesses;
  readonly signedIn: SignedIn;
  readonly tickets: Tickets;
  readonly presence: {
    in(roomId: number): Promise<ActiveUsers>;
    seen(userIds: readonly number[]): Promise<ReadonlyMap<number, SeenNow>>;
  };
  readonly sends: Sends;
  /** Null: nothing is told to closed browsers. */
  readonly push: Push | null;
  /** Null: this server sends no e-mail. */
  readonly mail: Mail | null;
  /** For the admins' page: since when this process runs, and how many sockets it holds. */
  readonly house: { startedAt: number; sockets(): number };
}
