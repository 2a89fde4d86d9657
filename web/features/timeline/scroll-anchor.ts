/** What a scroll container measures: how far it is scrolled, how long its content is, how much of it is seen. */
export interface Measure {
  readonly offset: number;
  readonly size: number;
  readonly viewport: number;
}

const NEAR = 48;

/**
 * Decides whether the timeline stays at its newest message. Content that grows, shrinks or is measured anew moves the
 * offset as well, so only going up by more than the content lost counts as a person leaving the end.
 */
export class ScrollAnchor {
  atEnd = true;
  /** More is to come behind what is shown: its end is not the newest message. */
  isShort = false;
  #last: Measure | null = null;

  /** Answers whether `atEnd` changed. */
  moved(now: Measure): boolean {
    const before = this.atEnd;
    const last = this.#last;
    this.#last = now;
    if (this.isShort) this.atEnd = false;
    else if (distanceToEnd(now) <= NEAR) this.atEnd = true;
    else if (last && last.offset - now.offset > Math.max(0, last.size - now.size) + 1) this.atEnd = false;
    return this.atEnd !== before;
  }

  /** The timeline is shown somewhere else than at its end, as at the unread line. */
  startAt(now: Measure): void {
    this.#last = now;
    this.atEnd = !this.isShort && distanceToEnd(now) <= NEAR;
  }

  toEnd(): void {
    this.atEnd = true;
  }
}

export function distanceToEnd({ offset, size, viewport }: Measure): number {
  return Math.max(0, size - offset - viewport);
}

export function isNearEnd(now: Measure): boolean {
  return distanceToEnd(now) < now.viewport * 1.5;
}

/** Older messages are asked for before the reader reaches the top, so that they are there in time. */
export function isNearStart({ offset, viewport }: Measure): boolean {
  return offset < viewport * 1.5;
}
