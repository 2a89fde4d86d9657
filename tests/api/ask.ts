import type { TokenPair } from "#shared/contract/accounts.ts";
import { type ErrorCode, errors } from "#shared/errors.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; null where there is none or it is something else. */
  readonly body: unknown;
  /** The code of a refusal. */
  readonly code: ErrorCode | null;
}

export interface Asked {
  token?: string | null;
  json?: unknown;
  /** A body as it is, with a content type of one's own. */
  raw?: { type?: string; body: BodyInit };
  headers?: Record<string, string>;
}

/**
 * Asks over the wire, with no client between. Every answer of the server is held to what all of them promise: a request
 * id, no guessing of types, and refusals that say the same in their status, their type and their body.
 */
export async function ask(base: string, method: string, path: string, asked: Asked = {}): Promise<Answer> {
  const headers = new Headers(asked.headers);
  if (asked.token) headers.set("authorization", `Bearer ${asked.token}`);
  let body: BodyInit | null = null;
  if (asked.raw) {
    body = asked.raw.body;
    if (asked.raw.type !== undefined) headers.set("content-type", asked.raw.type);
  } else if (asked.json !== undefined) {
    body = JSON.stringify(asked.json);
    headers.set("content-type", "application/json");
  }
  const response = await fetch(base + path, { method, headers, body, redirect: "manual" });
  const answer = read(response.status, response.headers, await response.text());
  const fault = faultIn(answer, method);
  if (fault !== null)
    throw new Error(
      `${method} ${path.slice(0, 200)}: ${fault}; answered ${answer.status} ${answer.text.slice(0, 300)}`,
    );
  return answer;
}

/** The same below /api/v1. */
export function askApi(base: string, method: string, path: string, asked: Asked = {}): Promise<Answer> {
  return ask(base, method, `/api/v1${path}`, asked);
}

export async function logIn(base: string, by: { username: string; password: string }): Promise<TokenPair> {
  const { username, password } = by;
  const answer = await askApi(base, "POST", "/token", { json: { username, password } });
  if (answer.status !== 200) throw new Error(`${username} could not log in: ${answer.text}`);
  return answer.body as TokenPair;
}

function read(status: number, headers: Headers, text: string): Answer {
  const type = headers.get("content-type") ?? "";
  const body: unknown = /^application\/(problem\+)?json/.test(type) && text !== "" ? JSON.parse(text) : null;
  const code = status >= 400 ? ((body as { code?: ErrorCode } | null)?.code ?? null) : null;
  return { status, headers, text, body, code };
}

function faultIn({ status, headers, text, body }: Answer, method: string): string | null {
  if (!/^[\w-]{12}$/.test(headers.get("x-request-id") ?? "")) return "no request id";
  if (headers.get("x-content-type-options") !== "nosniff") return "types may be guessed";
  if (!headers.has("content-security-policy")) return "no content security policy";
  if (status === 204 && text !== "") return "204 with a body";
  if (status < 400 || method === "HEAD") return null;
  if (headers.get("content-type") !== "application/problem+json") return "a refusal that is no problem+json";
  if (headers.get("cache-control") !== "no-store") return "a refusal that may be stored";
  const said = body as { status?: unknown; code?: unknown; title?: unknown; detail?: unknown };
  if (said.status !== status) return "the body names another status";
  if (typeof said.code !== "string" || !Object.hasOwn(errors, said.code)) return "an unknown code";
  if (typeof said.title !== "string" || typeof said.detail !== "string" || said.detail === "") return "no words";
  return null;
}
