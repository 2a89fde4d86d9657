import { readFileSync } from "node:fs";
import { extname } from "node:path";
import type { HonoRequest } from "hono";
import type { App } from "./app.ts";
import type { ServedFiles } from "./served-files.ts";

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

interface WebFile {
  path: string;
  type: string;
  hashed: boolean;
}

/** The addresses that the web draws. */
export const pages: readonly string[] = ["/", "/login", "/signup", "/chat", "/chat/*"];

/**
 * The built page. Its files are listed once, so a name from a request never touches the disk; every address that the
 * web draws gets the same page.
 */
export function serveWeb(app: App, files: ServedFiles): void {
  for (const [name, path] of files) {
    const file = fileAt(name, path);
    app.get(`/${name}`, (context) => serve(file, context.req));
  }
  const index = files.get("index.html");
  const page = index === undefined ? null : fileAt("index.html", index);
  for (const path of pages) {
    app.get(path, (context) =>
      page ? serve(page, context.req) : new Response("The page is not built. Run: npm start\n", { status: 503 }),
    );
  }
}

function fileAt(name: string, path: string): WebFile {
  return {
    path,
    type: TYPES[extname(name)] ?? "application/octet-stream",
    hashed: /-[a-z0-9]{8,}\./.test(name),
  };
}

interface Loaded {
  bytes: Uint8Array<ArrayBuffer>;
  zipped: Uint8Array<ArrayBuffer>;
  tag: string;
}

const loaded = new Map<string, Loaded>();

function serve(file: WebFile, request: HonoRequest): Response {
  const { bytes, zipped, tag } = load(file);
  const zip = zipped.length < bytes.length && /\bgzip\b/.test(request.header("accept-encoding") ?? "");
  const headers = {
    "content-type": file.type,
    "cache-control": file.hashed ? "public, max-age=31536000, immutable" : "no-cache",
    vary: "accept-encoding",
    etag: tag,
    ...(zip ? { "content-encoding": "gzip" } : {}),
  };
  if (request.header("if-none-match") === tag) return new Response(null, { status: 304, headers });
  return new Response(zip ? zipped : bytes, { headers });
}

function load(file: WebFile): Loaded {
  const known = loaded.get(file.path);
  if (known) return known;
  const bytes = new Uint8Array(readFileSync(file.path));
  const read = { bytes, zipped: Bun.gzipSync(bytes), tag: `"${Bun.hash.wyhash(bytes).toString(36)}"` };
  loaded.set(file.path, read);
  return read;
}
