import { z } from "zod";
import type { Endpoint } from "../endpoint.ts";
import { version } from "../version.ts";
import { problemSchema } from "./problems.ts";

/** The OpenAPI document of a list of endpoints: its schemas are the ones that check. */
export function openapi(base: string, endpoints: readonly Endpoint[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of endpoints) {
    const path = base + endpoint.path;
    paths[path] = { ...paths[path], [endpoint.method]: operation(endpoint) };
  }
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
      schemas: { Problem: jsonSchema(problemSchema, "output") },
    },
    paths,
  };
}

function operation(endpoint: Endpoint): object {
  const { tag, summary, params, query, body, form, answer, status, who } = endpoint;
  return {
    tags: [tag],
    summary,
    ...(who === "anyone" ? {} : { security: who === "maybe" ? [{}, { login: [] }] : [{ login: [] }] }),
    parameters: [...parameters("path", params), ...parameters("query", query)],
    ...(body ? { requestBody: { required: true, content: bodyContent(body, form === true) } } : {}),
    responses: {
      [status]: {
        description: summary,
        ...(answer ? { content: { "application/json": { schema: jsonSchema(answer, "output") } } } : {}),
      },
      default: {
        description: "A refusal: `code` is stable, `detail` is for people",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

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
