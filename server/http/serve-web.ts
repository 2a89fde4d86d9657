import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";
import type { App } from "./app.ts";

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

/**
 * The built page. Its files are listed once, so a name from a request never touches the disk; every address that the
 * web draws gets the same page.
 */
export function serveWeb(app: App, webDir: string): void {
  const files = listFiles(webDir);
  for (const [name, file] of files) app.get(`/${name}`, (context) => serve(file, context.req.header("if-none-match")));
  const page = files.get("index.html");
  for (const path of ["/", "/login", "/signup", "/chat", "/chat/*"]) {
    app.get(path, (context) =>
      page
        ? serve(page, context.req.header("if-none-match"))
        : new Response("The page is not built. Run: npm start\n", { status: 503 }),
    );
  }
}

const loaded = new Map<string, { bytes: Uint8Array<ArrayBuffer>; tag: string }>();

function serve(file: WebFile, seen: string | undefined): Response {
  let known = loaded.get(file.path);
  if (!known) {
    const bytes = new Uint8Array(readFileSync(file.path));
    known = { bytes, tag: `"${Bun.hash.wyhash(bytes).toString(36)}"` };
    loaded.set(file.path, known);
  }
  const headers = {
    "content-type": file.type,
    etag: known.tag,
    "cache-control": file.hashed ? "public, max-age=31536000, immutable" : "no-cache",
  };
  if (seen === known.tag) return new Response(null, { status: 304, headers });
  return new Response(known.bytes, { headers });
}

function listFiles(webDir: string): Map<string, WebFile> {
  const found = new Map<string, WebFile>();
  if (!existsSync(webDir)) return found;
  for (const entry of readdirSync(webDir, { recursive: true, encoding: "utf8" })) {
    const path = join(webDir, entry);
    if (!statSync(path).isFile()) continue;
    const name = relative(webDir, path).replaceAll("\\", "/");
    found.set(name, {
      path,
      type: TYPES[extname(name)] ?? "application/octet-stream",
      hashed: /-[a-z0-9]{8,}\./.test(name),
    });
  }
  return found;
}
