/** A socket with answers to give. */
export interface Answering {
  /** Writes all answers that wait, as one. */
  giveAnswers(): void;
}

/**
 * Answers of one commit, gathered by socket: a socket with many sends in flight gets them in one write, and before the
 * messages themselves, which would otherwise be written out between every two answers.
 */
export class Acks {
  readonly #waiting = new Set<Answering>();

  wait(socket: Answering): void {
    this.#waiting.add(socket);
  }

  give(): void {
    for (const socket of this.#waiting) socket.giveAnswers();
    this.#waiting.clear();
  }
}
