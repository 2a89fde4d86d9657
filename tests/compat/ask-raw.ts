/** A client of another system: plain `fetch`, what was documented and nothing of ours. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire is looked into by the tests, field by field.
  readonly body: any;
}

export interface Asked {
  readonly token?: string | undefined;
  readonly json?: unknown;
  readonly form?: Record<string, string>;
  readonly raw?: { readonly type: string; readonly body: BodyInit };
  readonly headers?: Record<string, string>;
}

export async function askRaw(base: string, method: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { token, json, form, raw } = asked;
  const headers = new Headers(asked.headers);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  if (json !== undefined) headers.set("content-type", "application/json");
  if (raw) headers.set("content-type", raw.type);
  const body = raw?.body ?? (form ? new URLSearchParams(form) : json === undefined ? null : JSON.stringify(json));
  const answer = await fetch(base + path, { method, headers, body, redirect: "manual" });
  const text = await answer.text();
  const isJson = /^application\/(problem\+)?json/.test(answer.headers.get("content-type") ?? "") && text !== "";
  return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : null };
}

/** What an access token says to a client that looks into it. */
export function claimsIn(token: string): { alg: unknown; claims: Record<string, unknown> } {
  const [head = "", claims = ""] = token.split(".").map((part) => Buffer.from(part, "base64url").toString());
  return { alg: (JSON.parse(head) as { alg: unknown }).alg, claims: JSON.parse(claims) as Record<string, unknown> };
}
