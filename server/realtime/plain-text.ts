import { z } from "zod";
import type { ErrorCode } from "#shared/errors.ts";
import { Nonce } from "#shared/frames.ts";

export type PlainText =
  | { content: string; nonce: string | null }
  | { fault: ErrorCode; detail: string; about: { nonce?: string } };

const Said = z.object({ content: z.string().optional(), message: z.string().optional(), nonce: Nonce.optional() });

/** What somebody says on `/ws/{room}`: text that begins with `{` is JSON and must parse, any other is the message. */
export function readPlainText(text: string): PlainText {
  if (!text.trimStart().startsWith("{")) return { content: text, nonce: null };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { fault: "bad_json", detail: "Text that begins with { is JSON and must parse.", about: {} };
  }
  const said = Said.safeParse(json);
  const content = said.data?.content ?? said.data?.message;
  if (content !== undefined) return { content, nonce: said.data?.nonce ?? null };
  return {
    fault: "invalid",
    detail: 'Send {"content": "…"} or {"message": "…"}, with a nonce if you like.',
    about: {},
  };
}
