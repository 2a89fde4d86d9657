import { type ErrorCode, Refusal } from "#shared/errors.ts";
import type { Message } from "#shared/models.ts";
import { contentFault } from "#shared/text.ts";
import { mayCall } from "../notify/call-people.ts";
import type { Store } from "../store/store.ts";
import { messageText } from "./present.ts";
import type { StoredSend } from "./send-message.ts";

export interface Author {
  readonly userId: number;
  readonly usernameJson: string;
}

export interface Sending {
  readonly roomId: number;
  readonly nonce: string | null;
  readonly content: string;
  /** The message that it answers. */
  readonly replyTo?: number | undefined;
  /** The message in whose thread it is to stand. */
  readonly thread?: number | undefined;
  /** By what is said one joins a public room that one is not in; such a send has no nonce. */
  readonly joining?: boolean;
}

/** `ack` is the answer as a frame. */
export type Sent =
  | { readonly refused: ErrorCode }
  | { readonly ack: string; readonly id: number; readonly seq: number; readonly n: number; readonly timestamp: string };

/** Says a new message to those who have its room open, and its place to its author's other sockets. */
export type SayMessage = (author: Author, roomId: number, place: { seq: number; n: number }, text: string) => void;

/**
 * The one way a message comes into a room, by whichever door. After the commit its author gets the answer and the
 * room hears it; one that was sent before under the same nonce is answered again and not said again.
 */
export class Sends {
  readonly #store: Store;
  readonly #say: SayMessage;
  readonly #underWay = new Set<{ readonly userId: number; username: string }>();
  /** All messages of a commit have one time: it is written out once. */
  #lastTime = { at: 0, text: new Date(0).toISOString() };

  constructor(store: Store, say: SayMessage) {
    this.#store = store;
    this.#say = say;
  }

  send(author: Author, sending: Sending, answer: (sent: Sent) => void): void {
    const refused = contentFault(sending.content);
    if (refused) return answer({ refused });
    const { roomId, nonce } = sending;
    if (isAlone(sending)) return this.#sendAlone(author, sending, answer);
    const contentJson = JSON.stringify(sending.content);
    const nonceJson = nonce === null ? null : JSON.stringify(nonce);
    this.#store.send(roomId, author.userId, nonceJson, contentJson, {
      answer: (outcome) => {
        if (typeof outcome === "string") return answer({ refused: outcome });
        const [id, seq, n, at] = outcome;
        const timestamp = this.#timestamp(at);
        const ack = ackText(nonceJson, sending, { id, seq, n, timestamp });
        // First its author, who knows by the ack that the message to come is theirs: it need not carry the nonce to all.
        answer({ ack, id, seq, n, timestamp });
      },
      tell: ([id, seq, n, at]) => {
        const by = { roomId, userId: author.userId, usernameJson: author.usernameJson };
        const text = messageText({ id, seq, n }, by, contentJson, this.#timestamp(at));
        this.#say(author, roomId, { seq, n }, text);
      },
    });
  }

  /** Its action tells the room by itself. */
  #sendAlone(author: Author, sending: Sending, answer: (sent: Sent) => void): void {
    const { nonce } = sending;
    const nonceJson = nonce === null ? null : JSON.stringify(nonce);
    this.#stored({ userId: author.userId }, sending).then(
      ([id, seq, n, at]) => {
        const timestamp = this.#timestamp(at);
        answer({ ack: ackText(nonceJson, sending, { id, seq, n, timestamp }), id, seq, n, timestamp });
      },
      (error: unknown) => answer({ refused: error instanceof Refusal ? error.code : "internal" }),
    );
  }

  #stored(by: { userId: number }, sending: Sending): Promise<StoredSend> {
    const { roomId, nonce, content, replyTo, thread: rootId, joining } = sending;
    if (joining) return this.#store.write("send-joining", by, { roomId, content });
    if (rootId === undefined) return this.#store.write("send-reply", by, { roomId, nonce, content, replyTo });
    return this.#store.write("send-in-thread", by, { roomId, rootId, nonce, content, replyTo });
  }

  #timestamp(at: number): string {
    if (this.#lastTime.at !== at) this.#lastTime = { at, text: new Date(at).toISOString() };
    return this.#lastTime.text;
  }

  /** What these say from here on is said under the new name, and what is on its way as well. */
  renamed(userId: number, username: string): void {
    for (const author of this.#underWay) if (author.userId === userId) author.username = username;
  }

  /** The same for those who wait for the message in one piece. */
  sendAndWait(by: { userId: number; username: string }, sending: Sending): Promise<Message> {
    const author = {
      userId: by.userId,
      username: by.username,
      // Asked when the message is told: they may have been renamed since.
      get usernameJson() {
        return JSON.stringify(author.username);
      },
    };
    this.#underWay.add(author);
    return new Promise<Message>((resolve, reject) => {
      this.send(author, sending, (sent) => {
        if ("refused" in sent) return reject(new Refusal(sent.refused));
        const { id, seq, n, timestamp } = sent;
        const { content, roomId } = sending;
        const message = { type: "message", id, room_id: roomId, seq, n, changed: seq } as const;
        const answers = sending.replyTo === undefined ? {} : { reply_to: sending.replyTo };
        const where = sending.thread === undefined ? {} : { thread: sending.thread };
        const words = { user_id: by.userId, username: author.username, content, timestamp };
        const said = { ...message, ...words, ...answers, ...where };
        if (!mayCall(content)) return resolve(said);
        // Whom it calls was looked up beside it. Who was removed since has sent it all the same.
        this.#store.read("message", by, { id }).then(
          ({ mentions }) => resolve(mentions === undefined ? said : { ...said, mentions }),
          () => resolve(said),
        );
      });
    }).finally(() => this.#underWay.delete(author));
  }
}

/** Sends that join, answer something, stand in a thread or may call people are actions of their own; the others go in batches. */
export function isAlone({ replyTo, thread, content, joining = false }: Sending): boolean {
  return joining || replyTo !== undefined || thread !== undefined || mayCall(content);
}

function ackText(
  nonceJson: string | null,
  { roomId, thread }: Sending,
  { id, seq, n, timestamp }: { id: number; seq: number; n: number; timestamp: string },
): string {
  const where = thread === undefined ? "" : `"thread":${thread},`;
  return `{"type":"ack","nonce":${nonceJson},"room_id":${roomId},"id":${id},"seq":${seq},"n":${n},${where}"timestamp":"${timestamp}"}`;
}
