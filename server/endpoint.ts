import type { z } from "zod";
import type { Signed } from "./auth/sessions.ts";
import type { Services } from "./services.ts";

/**
 * One address of the REST contract: what it takes, what it answers and what it does. `http/` binds the list to the web
 * framework and to OpenAPI; the nouns know neither.
 */
export interface Endpoint {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** Below `/api/v1`, with `{name}` for parts. */
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
  status: 200 | 201 | 204;
  answer: z.ZodType | null;
  run(call: Call<never, never, never>): Promise<unknown>;
}

export interface Call<Params, Query, Body> {
  readonly services: Services;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Whoever calls; refused beforehand where the endpoint is for signed-in people. */
  readonly by: Signed;
  /** Null where nobody needs to be signed in and nobody is. */
  readonly maybeBy: Signed | null;
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

/** Gives `run` the types of the schemas beside it. */
export function endpoint<const Given extends Omit<Endpoint, "run">>(
  given: Given,
  run: (
    call: Call<Read<Given["params"]>, Read<Given["query"]>, Read<Given["body"]>>,
  ) => Promise<Answer<Given["answer"]>>,
): Endpoint {
  return { ...given, run: run as Endpoint["run"] };
}

type Answer<Schema> = Schema extends z.ZodType ? z.infer<Schema> | JsonText : null;

/** An answer that is JSON already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
