import type { Context } from "hono";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Bindings } from "./app.ts";
import { Problem } from "./problems.ts";

/** The body of a request as a value, unchecked yet. */
export async function readBody(
  context: Context<Bindings>,
  { form, bodyOptional, refusals }: Pick<Endpoint, "form" | "bodyOptional" | "refusals">,
): Promise<unknown> {
  const bytes = await readAtMost(context.req.raw, limits.bodyBytes);
  if (bodyOptional && bytes.length === 0) return {};
  const typeAndMore = context.req.header("content-type") ?? "";
  const type = typeAndMore.split(";")[0]?.trim().toLowerCase() ?? "";
  if (form && type === "multipart/form-data") return fieldsIn(bytes, typeAndMore);
  const text = textOf(bytes);
  if (form && type === "application/x-www-form-urlencoded") return Object.fromEntries(new URLSearchParams(text));
  // Scripts for the other systems often name no type; nothing that a cookie proves is asked for there.
  const isUnnamed = type === "" && refusals === "detail";
  // A page of another site can send text/plain without being asked first; only JSON is taken as JSON.
  if (type !== "application/json" && !isUnnamed)
    throw new Problem(415, "invalid", "Send the body as application/json.");
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal("bad_json");
  }
}

async function readAtMost(request: Request, most: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length") ?? 0) > most) throw new Refusal("too_large");
  const bytes = new Uint8Array(await wholeBody(request));
  if (bytes.length > most) throw new Refusal("too_large");
  return bytes;
}

/** Whoever hangs up in the middle of a body has met no fault of the server's. */
async function wholeBody(request: Request): Promise<ArrayBuffer> {
  try {
    return await request.arrayBuffer();
  } catch {
    throw new Refusal("invalid", "The body did not come whole.");
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new Refusal("bad_text", "The body is not UTF-8.");
  }
}

/** What a page's `FormData` sends. Files have no place in a login. */
async function fieldsIn(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<unknown> {
  try {
    const form = await new Response(bytes, { headers: { "content-type": type } }).formData();
    return Object.fromEntries([...form].filter(([, value]) => typeof value === "string"));
  } catch {
    throw new Refusal("invalid", "The body is not the form that its type says.");
  }
}
