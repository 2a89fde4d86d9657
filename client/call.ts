import { type ErrorCode, errors, Refusal } from "#shared/errors.ts";
import type { Clock } from "./clock.ts";

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** No answer came: nobody knows whether the request was carried out. */
export class Offline extends Error {
  readonly code = "offline";

  constructor(cause: unknown) {
    super("The server cannot be reached.", { cause });
    this.name = "Offline";
  }
}

export interface Caller {
  /** Where the server is, without a slash at the end: `https://chat.example`. */
  readonly base: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const ANSWER_WITHIN = 30_000;

/** One request. Answers the parsed body (undefined for 204; `plain`: as it is), or throws a Refusal or Offline. */
export async function call(
  caller: Caller,
  method: Method,
  path: string,
  more: { body?: unknown; token?: string; plain?: boolean } = {},
): Promise<unknown> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (more.token !== undefined) headers.authorization = `Bearer ${more.token}`;
  const init: RequestInit = { method, headers };
  if (more.body !== undefined) {
    headers["content-type"] = "application/json";
    init.body = JSON.stringify(more.body);
  }
  const answer = await exchange(caller, path, init);
  if (answer.status >= 400) throw refusalOf(answer);
  if (more.plain) return answer.text;
  if (answer.text === "") return undefined;
  const body = parsed(answer.text);
  // A page of HTML in place of an answer is a proxy or a wifi portal speaking.
  if (body === undefined) throw new Refusal("unavailable");
  return body;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

async function exchange(caller: Caller, path: string, init: RequestInit): Promise<Answer> {
  const limit = new AbortController();
  const cancel = caller.clock.after(ANSWER_WITHIN, () => limit.abort());
  try {
    const response = await caller.fetch(caller.base + path, { ...init, signal: limit.signal });
    return {
      status: response.status,
      retryAfter: response.headers.get("retry-after"),
      text: response.status === 204 ? "" : await response.text(),
    };
  } catch (cause) {
    throw new Offline(cause);
  } finally {
    cancel();
  }
}

function refusalOf(answer: Answer): Refusal {
  const problem = parsed(answer.text);
  const told = typeof problem === "object" && problem !== null ? (problem as Record<string, unknown>) : {};
  const ours = typeof told.code === "string" ? told.code : null;
  // A newer server's code is taken for what its status says, with the sentence that came with it.
  const code = ours !== null && Object.hasOwn(errors, ours) ? (ours as ErrorCode) : codeOf(answer.status);
  const retryAfter = Number(answer.retryAfter ?? Number.NaN);
  return new Refusal(code, ours !== null && typeof told.detail === "string" ? told.detail : undefined, {
    ...(typeof told.field === "string" ? { field: told.field } : {}),
    ...(Number.isFinite(retryAfter) ? { retryAfter } : {}),
  });
}

/** For answers that are not ours, as a proxy's 502. */
function codeOf(status: number): ErrorCode {
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 404) return "not_found";
  if (status === 413) return "too_large";
  if (status === 429) return "rate_limited";
  return status >= 500 ? "unavailable" : "invalid";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
