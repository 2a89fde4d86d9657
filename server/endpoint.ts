import type { z } from "zod";
import type { Signed } from "./auth/sessions.ts";
import type { Services } from "./services.ts";

/**
 * One address of the REST contract: what it takes, what it answers and what it does. `http/` binds the list to the web
 * framework and to OpenAPI; the nouns know neither.
 */
export interface Endpoint {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** Below `/api/v1`, or from the root for other systems' addresses, with `{name}` for parts. */
  path: string;
  tag: string;
  summary: string;
  /** `anyone` may call without a token, `maybe` may bring one. */
  who: "anyone" | "maybe" | "signed";
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** An OAuth2 form is taken as well as JSON. */
  form?: boolean;
  /** The body may be left out; it is then taken as `{}`. */
  bodyOptional?: boolean;
  /** A browser that asks for a page here is given the web's own. */
  alsoPage?: boolean;
  /** How a refusal is written: as `application/problem+json`, or as the other systems' clients know it. */
  refusals?: "problem" | "detail";
  status: 200 | 201 | 204;
  answer: z.ZodType | null;
  /** Headers that the answer may have, and what they say. */
  answerHeaders?: Readonly<Record<string, string>>;
  /** The types of the file that is answered in place of JSON. */
  files?: readonly string[];
  /** Refuses whoever may not do this at all: asked before the body is read. */
  permit?(call: Asking<never>): Promise<unknown>;
  /** What was done before under a nonce is answered again to those who may not do it any more: the body has the nonce. */
  answersAgain?: boolean;
  run(call: Call<never, never, never>): Promise<unknown>;
}

/** What is known of a call before its body is read. */
export interface Asking<Params> {
  readonly services: Services;
  readonly params: Params;
  /** Whoever calls; refused beforehand where the endpoint is for signed-in people. */
  readonly by: Signed;
  /** Null where nobody needs to be signed in and nobody is. */
  readonly maybeBy: Signed | null;
}

export interface Call<Params, Query, Body> extends Asking<Params> {
  readonly query: Query;
  readonly body: Body;
  /** What the Authorization header brings as a bearer, checked only where the endpoint is not for anyone. */
  readonly bearer: string | null;
  readonly from: Caller;
  /** Headers to add to the answer. */
  readonly headers: Headers;
}

export interface Caller {
  /** As it is counted: an IPv6 address stands for its /64. */
  readonly address: string;
  readonly secure: boolean;
  readonly client: string;
  cookie(name: string): string | null;
  /** Whether a page of this very server asks, told by Origin and Sec-Fetch-Site. */
  readonly sameOrigin: boolean;
}

type Read<Schema> = Schema extends z.ZodType ? z.infer<Schema> : undefined;

/** Gives `run` and `permit` the types of the schemas beside them. */
export function endpoint<const Given extends Omit<Endpoint, "run" | "permit">>(
  given: Given,
  run: (
    call: Call<Read<Given["params"]>, Read<Given["query"]>, Read<Given["body"]>>,
  ) => Promise<Answer<Given["answer"]>>,
  permit?: (call: Asking<Read<Given["params"]>>) => Promise<unknown>,
): Endpoint {
  const made: Endpoint = { ...given, run: run as Endpoint["run"] };
  return permit ? { ...made, permit: permit as NonNullable<Endpoint["permit"]> } : made;
}

type Answer<Schema> = Schema extends z.ZodType ? z.infer<Schema> | JsonText : null | Download;

/** An answer that is JSON already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An answer that is a file to be kept, made part by part as it is taken. */
export class Download {
  readonly name: string;
  readonly type: string;
  readonly parts: AsyncIterator<string>;

  constructor(name: string, type: string, parts: AsyncIterator<string>) {
    this.name = name;
    this.type = type;
    this.parts = parts;
  }
}
