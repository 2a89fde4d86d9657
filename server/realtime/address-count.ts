import { limits } from "#shared/limits.ts";

/** How many sockets an address has open, so that one machine cannot take all there are. */
export class AddressCount {
  readonly #open = new Map<string, number>();

  /** Whether one more may come; if so it is counted. */
  enter(address: string): boolean {
    const open = this.#open.get(address) ?? 0;
    if (open >= limits.socketsPerAddress) return false;
    this.#open.set(address, open + 1);
    return true;
  }

  leave(address: string): void {
    const open = this.#open.get(address) ?? 0;
    if (open > 1) this.#open.set(address, open - 1);
    else this.#open.delete(address);
  }
}
