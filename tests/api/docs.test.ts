import { afterAll, beforeAll, expect, test } from "bun:test";
import { compatRoutes } from "#server/compat/routes.ts";
import type { Endpoint } from "#server/endpoint.ts";
import { API, endpoints } from "#server/http/app.ts";
import { version } from "#server/version.ts";
import { ask } from "#tests/api/ask.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;

const all: readonly (Endpoint & { readonly full: string })[] = [
  ...endpoints.map((endpoint) => ({ ...endpoint, full: API + endpoint.path })),
  ...compatRoutes.map((endpoint) => ({ ...endpoint, full: endpoint.path })),
];

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Record<string, Schema>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
}
interface Content {
  readonly [type: string]: { readonly schema: Schema };
}
interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly Record<string, readonly string[]>[];
  readonly parameters?: readonly { name: string; in: string; required: boolean; schema: Schema }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Content; readonly headers?: Record<string, unknown> }
  >;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly components: {
    readonly securitySchemes: Record<string, { type: string }>;
    readonly schemas: Record<string, Schema>;
  };
  readonly paths: Record<string, Record<string, Operation>>;
}

async function document(): Promise<Document> {
  return (await ask(server.url, "GET", "/openapi.json")).body as Document;
}

test("/openapi.json is an OpenAPI 3.1 document of this very version, with every address and no other", async () => {
  const { openapi, info, paths } = await document();
  expect(openapi).toMatch(/^3\.1\.\d+$/);
  expect(info).toMatchObject({ title: "Parlour", version });
  const written = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method} ${path}`),
  );
  expect(written.sort()).toEqual(all.map((endpoint) => `${endpoint.method} ${endpoint.full}`).sort());
  expect(new Set(endpoints.map((endpoint) => endpoint.summary)).size).toBe(endpoints.length);
});

test("every operation says what it does, what it takes, what it answers, how it refuses and who may ask", async () => {
  const { paths, components } = await document();
  expect(components.securitySchemes.login).toMatchObject({
    type: "oauth2",
    flows: { password: { tokenUrl: "/api/v1/token" } },
  });
  expect(components.schemas.Problem?.required).toEqual(expect.arrayContaining(["title", "status", "code", "detail"]));
  for (const endpoint of all) {
    const path = endpoint.full;
    const operation = paths[path]![endpoint.method]!;
    expect(operation.summary).toBe(endpoint.summary);
    expect(operation.summary.length).toBeGreaterThan(5);
    expect(operation.tags).toEqual([endpoint.tag]);
    expect(/compatibility/i.test(operation.description ?? "")).toBe(compatRoutes.some((other) => other.path === path));
    const inPath = operation.parameters?.filter((parameter) => parameter.in === "path") ?? [];
    const named = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name);
    expect(inPath.map((parameter) => parameter.name)).toEqual(named as string[]);
    for (const parameter of operation.parameters ?? []) {
      const asked = endpoint.query?.shape[parameter.name];
      const isNeeded = parameter.in === "path" || asked?.safeParse(undefined).success === false;
      expect({ path, required: parameter.required }).toEqual({ path, required: isNeeded });
      expect(parameter.schema.type ?? parameter.schema.$ref).toBeDefined();
    }
    expect(operation.requestBody !== undefined).toBe(endpoint.body !== undefined);
    expect(Object.keys(operation.requestBody?.content ?? {})).toEqual(
      endpoint.body ? ["application/json", ...(endpoint.form ? ["application/x-www-form-urlencoded"] : [])] : [],
    );
    const body = operation.requestBody?.content["application/json"]?.schema;
    // Other systems' addresses let unknown keys through.
    const strict = endpoint.refusals === "detail" ? undefined : false;
    if (body) expect({ path, strict: body.additionalProperties }).toEqual({ path, strict: strict as never });
    expect(Object.keys(operation.responses).sort()).toEqual([String(endpoint.status), "default"].sort());
    expect(operation.responses[endpoint.status]?.content !== undefined).toBe(
      endpoint.answer !== null || endpoint.files !== undefined,
    );
    const [type, schema] =
      endpoint.refusals === "detail" ? ["application/json", "Detail"] : ["application/problem+json", "Problem"];
    expect(operation.responses.default?.content?.[type!]?.schema.$ref).toBe(`#/components/schemas/${schema}`);
    expect(JSON.stringify(operation.security ?? null)).toBe(
      { anyone: "null", maybe: '[{},{"login":[]}]', signed: '[{"login":[]}]' }[endpoint.who],
    );
  }
});

test("where an answer says in its headers how to go on, the document names them", async () => {
  const { paths } = await document();
  const headersOf = (path: string) => Object.keys(paths[path]?.get?.responses["200"]?.headers ?? {});
  for (const path of ["/message/rooms/{room_id}/messages", "/rooms/{room_id}/messages", "/chat/history"]) {
    expect({ path, headers: headersOf(path) }).toEqual({ path, headers: ["X-Next-Cursor", "Link"] });
  }
  for (const path of ["/user/users", "/room/rooms", "/rooms"]) {
    expect({ path, headers: headersOf(path) }).toEqual({ path, headers: ["X-Next-Cursor"] });
  }
  expect(headersOf("/api/v1/rooms")).toEqual([]);
});

test("every reference in the document leads to something that is in it", async () => {
  const all = await document();
  const text = JSON.stringify(all);
  for (const [, ref] of text.matchAll(/"\$ref":"([^"]+)"/g)) {
    expect(ref).toStartWith("#/");
    const found = (ref ?? "")
      .slice(2)
      .split("/")
      .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], all);
    expect({ ref, found: found !== undefined }).toEqual({ ref, found: true });
  }
  expect(text).not.toContain('"$schema"');
});

test("/docs draws the document from files of this server alone", async () => {
  const page = await ask(server.url, "GET", "/docs");
  expect(page.headers.get("content-type")).toStartWith("text/html");
  const policy = page.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
  const links = Array.from(page.text.matchAll(/(?:src|href)="([^"]+)"/g), ([, link]) => link ?? "");
  expect(links.length).toBeGreaterThanOrEqual(3);
  expect(page.text).not.toMatch(/<script>|<style|\son\w+=|https?:\/\//);
  // An empty icon, written out: it keeps the browser from asking for one.
  for (const link of links.filter((one) => one !== "data:,")) {
    expect(link).toStartWith("/");
    const file = await ask(server.url, "GET", link);
    expect({ link, status: file.status }).toEqual({ link, status: 200 });
    expect(file.headers.get("content-type")).toMatch(/^text\/(javascript|css)/);
  }
  const start = await ask(server.url, "GET", "/docs/start.js");
  expect(start.text).toContain('"/openapi.json"');
  // Swagger UI would send the document's address to its makers' validator.
  expect(start.text).toMatch(/validatorUrl: (null|"none")/);
  expect((await ask(server.url, "GET", "/docs/")).status).toBe(200);
});
