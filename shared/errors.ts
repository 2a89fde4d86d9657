/**
 * Every way a request can be refused: its HTTP status, whether the same request may succeed later unchanged, and a
 * sentence that tells a person what to do. `detail` in an answer may be more exact than the sentence here.
 */
export const errors = {
  bad_json: { status: 400, retry: false, detail: "The body is not valid JSON." },
  invalid: { status: 400, retry: false, detail: "Something in the request is missing or not allowed." },
  bad_text: {
    status: 400,
    retry: false,
    detail: "Text may not contain U+0000 or half of a surrogate pair.",
  },
  empty: { status: 400, retry: false, detail: "A message needs some text." },
  too_long: {
    status: 400,
    retry: false,
    detail: "A message may have 8,000 characters and 32 KiB. Send it in parts.",
  },
  unauthorized: { status: 401, retry: false, detail: "Log in first." },
  wrong_credentials: {
    status: 401,
    retry: false,
    detail: "The user name or password is not right.",
  },
  token_expired: { status: 401, retry: false, detail: "The access token has expired. Refresh it." },
  session_ended: { status: 401, retry: false, detail: "This session has ended. Log in again." },
  forbidden: { status: 403, retry: false, detail: "You may not do that." },
  signup_closed: {
    status: 403,
    retry: false,
    detail: "This server takes no sign-ups. Ask its administrator for an account.",
  },
  removed: {
    status: 403,
    retry: false,
    detail: "You were removed from this room. One of its admins can let you in again.",
  },
  not_member: { status: 403, retry: false, detail: "Join the room first." },
  archived: {
    status: 403,
    retry: false,
    detail: "This room is archived. It can be read, and nothing is written to it any more.",
  },
  read_only: { status: 403, retry: false, detail: "You may read in this room and not write." },
  not_found: { status: 404, retry: false, detail: "There is nothing here that you can see." },
  deleted: { status: 410, retry: false, detail: "This message was deleted." },
  too_many_mentions: {
    status: 400,
    retry: false,
    detail: "A message calls 50 people and 10 groups at most. Call a group or the room, or send several messages.",
  },
  no_emoji: { status: 400, retry: false, detail: "A reaction is one emoji." },
  push_off: {
    status: 403,
    retry: false,
    detail: "This server tells nothing to closed browsers. Its operator can turn that on with PUSH=on.",
  },
  mail_off: {
    status: 403,
    retry: false,
    detail: "This server sends no e-mail. Its operator can turn that on with SMTP_URL.",
  },
  email_unconfirmed: {
    status: 403,
    retry: false,
    detail: "Confirm your e-mail address first, by the link in the letter that is sent to it.",
  },
  push_endpoint: {
    status: 400,
    retry: false,
    detail: "This is not the address of a push service that this server calls.",
  },
  full: { status: 409, retry: false, detail: "There is no room for more here." },
  method_not_allowed: { status: 405, retry: false, detail: "This address does not take that method." },
  taken: { status: 409, retry: false, detail: "That name is taken. Choose another." },
  nonce_reused: {
    status: 409,
    retry: false,
    detail: "This nonce was used before with other content. Use a new one.",
  },
  last_admin: {
    status: 409,
    retry: false,
    detail: "The server needs an admin. Make somebody else one first.",
  },
  too_large: { status: 413, retry: false, detail: "The request is too large." },
  rate_limited: { status: 429, retry: true, detail: "Too many requests. Wait a little and try again." },
  internal: {
    status: 500,
    retry: true,
    detail: "Something went wrong on the server. The request id helps its operator find out what.",
  },
  unknown: {
    status: 504,
    retry: true,
    detail:
      "Nobody knows whether this was stored. With the same nonce it can be sent again; without one, look before you do.",
  },
  unavailable: {
    status: 503,
    retry: true,
    detail: "The server cannot store anything right now. Try again; nothing was lost.",
  },
} as const satisfies Record<string, { status: number; retry: boolean; detail: string }>;

export type ErrorCode = keyof typeof errors;

/** Thrown anywhere, translated to HTTP in one place and to frames in another. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  /** Seconds until the same request may succeed, for `rate_limited` and `unavailable`. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, detail?: string, more: { field?: string; retryAfter?: number } = {}) {
    super(detail ?? errors[code].detail);
    this.name = "Refusal";
    this.code = code;
    this.field = more.field;
    this.retryAfter = more.retryAfter;
  }

  get status(): number {
    return errors[this.code].status;
  }
}
