import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Endpoint } from "../endpoint.ts";
import type { App } from "./app.ts";
import { openapi } from "./openapi.ts";
import type { ServedFiles } from "./served-files.ts";

/** `/openapi.json` from the schemas that check, and `/docs`, which draws it from local files. */
export function serveDocs(
  app: App,
  base: string,
  endpoints: readonly Endpoint[],
  compat: readonly Endpoint[],
  files: ServedFiles,
): void {
  let document: string | null = null;
  app.get("/openapi.json", () => {
    document ??= JSON.stringify(openapi(base, endpoints, compat));
    return new Response(document, { headers: { "content-type": "application/json" } });
  });
  app.get("/docs", () => html(DOCS_PAGE));
  app.get("/docs/start.js", () => file(new TextEncoder().encode(DOCS_START), "text/javascript"));
  for (const [name, type] of Object.entries(DOCS_FILES)) {
    const path = () => files.get(`docs/${name}`) ?? join(swaggerFolder(), name);
    app.get(`/docs/${name}`, () => file(readFileSync(path()), type));
  }
}

const DOCS_FILES = { "swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript" };
// Folded: with more than about 130 addresses open at once Swagger UI stops drawing after the first group.
const DOCS_START = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true, docExpansion: "none", validatorUrl: null });\n`;
const DOCS_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Parlour: the REST API</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="docs"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></html>`;

function swaggerFolder(): string {
  return dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
}

function html(text: string): Response {
  return new Response(text, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      // Swagger UI writes style attributes and inlines its icons; it still loads nothing from elsewhere.
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    },
  });
}

function file(bytes: Uint8Array<ArrayBuffer>, type: string): Response {
  return new Response(bytes, { headers: { "content-type": type, "cache-control": "max-age=86400" } });
}
