import { z } from "zod";
import type { Endpoint } from "../endpoint.ts";
import { version } from "../version.ts";
import { detailSchema } from "./details.ts";
import { problemSchema } from "./problems.ts";

/**
 * The OpenAPI document of the product's endpoints below a base and of other systems' from the root: its schemas are the
 * ones that check.
 */
export function openapi(base: string, endpoints: readonly Endpoint[], compat: readonly Endpoint[]): object {
  const paths: Record<string, Record<string, object>> = {};
  const add = (path: string, endpoint: Endpoint, more: object) => {
    paths[path] = { ...paths[path], [endpoint.method]: { ...operation(endpoint), ...more } };
  };
  for (const endpoint of endpoints) add(base + endpoint.path, endpoint, {});
  for (const endpoint of compat) add(endpoint.path, endpoint, { description: COMPATIBILITY });
  return {
    openapi: "3.1.0",
    info: {
      title: "Parlour",
      version,
      description: "Self-hosted real-time chat. The WebSocket at /ws is described in docs/protocol.md.",
    },
    components: {
      securitySchemes: {
        login: { type: "oauth2", flows: { password: { tokenUrl: `${base}/token`, scopes: {} } } },
      },
      schemas: { Problem: jsonSchema(problemSchema, "output"), Detail: jsonSchema(detailSchema, "output") },
    },
    paths,
  };
}

const COMPATIBILITY = `Compatibility: for clients of another chat system. It does what an address under /api/v1 does,
which new clients use.`;

function operation(endpoint: Endpoint): object {
  const { tag, summary, params, query, body, form, answer, answerHeaders, files, status, who } = endpoint;
  return {
    tags: [tag],
    summary,
    ...(who === "anyone" ? {} : { security: who === "maybe" ? [{}, { login: [] }] : [{ login: [] }] }),
    parameters: [...parameters("path", params), ...parameters("query", query)],
    ...(body
      ? { requestBody: { required: endpoint.bodyOptional !== true, content: bodyContent(body, form === true) } }
      : {}),
    responses: {
      [status]: {
        description: summary,
        ...(answerHeaders ? { headers: headersOf(answerHeaders) } : {}),
        ...(answer ? { content: { "application/json": { schema: jsonSchema(answer, "output") } } } : {}),
        ...(files ? { content: Object.fromEntries(files.map((type) => [type, { schema: { type: "string" } }])) } : {}),
      },
      default: endpoint.refusals === "detail" ? DETAIL : PROBLEM,
    },
  };
}

function headersOf(described: Readonly<Record<string, string>>): object {
  const header = (description: string) => ({ description, required: false, schema: { type: "string" } });
  return Object.fromEntries(Object.entries(described).map(([name, says]) => [name, header(says)]));
}

const PROBLEM = {
  description: "A refusal: `code` is stable, `detail` is for people",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

const DETAIL = {
  description: "A refusal: `detail` is a sentence, or with 422 a list of what is wrong and where",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Detail" } } },
};

function bodyContent(body: z.ZodType, form: boolean): object {
  const schema = jsonSchema(body, "input");
  return { "application/json": { schema }, ...(form ? { "application/x-www-form-urlencoded": { schema } } : {}) };
}

function parameters(where: "path" | "query", schema: z.ZodObject | undefined): object[] {
  return Object.entries(schema?.shape ?? {}).map(([name, part]) => ({
    name,
    in: where,
    required: where === "path" || !z.safeParse(part, undefined).success,
    schema: jsonSchema(part as z.ZodType, "input"),
  }));
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
