import { afterAll, beforeAll, expect, test } from "bun:test";
import { Hono } from "hono";
import { parseConfig } from "#server/config.ts";
import type { Bindings } from "#server/http/app.ts";
import { securityHeaders } from "#server/http/security-headers.ts";
import { type Answer, ask } from "#tests/api/ask.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let open: TestServer;
let listed: TestServer;

beforeAll(async () => {
  open = await startTestServer();
  listed = await startTestServer({
    CORS_ORIGINS: "https://app.example.org,http://localhost:5173",
    PUBLIC_URL: "https://chat.example.org",
  });
});

afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await listed[Symbol.asyncDispose]();
});

const allowed = (answer: Answer) => answer.headers.get("access-control-allow-origin");
const from = (server: TestServer, origin: string, path = "/api/v1/info") =>
  ask(server.url, "GET", path, { headers: { origin } });
const preflight = (server: TestServer, origin: string, path = "/api/v1/rooms", method = "POST") =>
  ask(server.url, "OPTIONS", path, {
    headers: {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": "authorization,content-type",
    },
  });

test("every page and every answer forbids inline code, foreign code, framing, and guessing of types", async () => {
  for (const path of [
    "/",
    "/login",
    "/chat/1",
    "/healthz",
    "/nothing",
    "/api/v1/info",
    "/api/v1/me",
    "/openapi.json",
  ]) {
    const { headers } = await ask(open.url, "GET", path);
    const policy = new Map(
      (headers.get("content-security-policy") ?? "")
        .split("; ")
        .map((part) => [part.split(" ")[0] ?? "", part.split(" ").slice(1)]),
    );
    expect(policy.get("default-src")).toEqual(["'none'"]);
    expect(policy.get("script-src")).toEqual(["'self'"]);
    expect(policy.get("style-src")).toEqual(["'self'"]);
    expect(policy.get("connect-src")).toEqual(["'self'"]);
    expect(policy.get("frame-ancestors")).toEqual(["'none'"]);
    expect(policy.get("base-uri")).toEqual(["'none'"]);
    expect(policy.get("form-action")).toEqual(["'self'"]);
    expect([...policy.values()].flat().join(" ")).not.toMatch(/unsafe|\*|https?:|blob:/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("server")).toBe(null);
    expect(headers.get("x-powered-by")).toBe(null);
    expect(headers.get("strict-transport-security")).toBe(null);
  }
});

test("over TLS every answer keeps browsers to TLS for a year and the page's window to itself", async () => {
  const app = new Hono<Bindings>();
  app.use(securityHeaders({ ...parseConfig({}), tls: { cert: "", key: "" } }));
  const { headers } = await app.request("/", {}, { requestId: "an id", caller: {} as never });
  expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
  expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
});

test("nothing of the API is kept by a cache", async () => {
  for (const path of ["/api/v1/info", "/api/v1/me", "/api/v1/nothing"]) {
    expect((await ask(open.url, "GET", path)).headers.get("cache-control")).toBe("no-store");
  }
});

test("without a list any site's page may ask with a token, and none with a cookie", async () => {
  for (const origin of ["https://anywhere.example", "http://localhost:3000", "null", "chrome-extension://abc"]) {
    for (const path of ["/api/v1/info", "/api/v1/me", "/api/v1/nothing"]) {
      const answer = await from(open, origin, path);
      expect(allowed(answer)).toBe("*");
      expect(answer.headers.get("access-control-allow-credentials")).toBe(null);
      expect(answer.headers.get("access-control-expose-headers")).toContain("x-request-id");
      expect(answer.headers.get("access-control-expose-headers")).toContain("retry-after");
    }
    const before = await preflight(open, origin);
    expect(before.status).toBe(204);
    expect(allowed(before)).toBe("*");
    expect(before.headers.get("access-control-allow-credentials")).toBe(null);
    expect(before.headers.get("access-control-allow-headers")).toMatch(/authorization/);
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      expect(before.headers.get("access-control-allow-methods")).toContain(method);
    }
  }
});

test("with a list exactly its origins may, and what only looks like one may not", async () => {
  for (const origin of [
    "https://app.example.org",
    "http://localhost:5173",
    "https://chat.example.org",
    listed.url,
    listed.url.replace("http:", "https:"),
  ]) {
    for (const answer of [
      await from(listed, origin),
      await from(listed, origin, "/api/v1/me"),
      await preflight(listed, origin),
    ]) {
      expect({ origin, allowed: allowed(answer) }).toEqual({ origin, allowed: origin });
      expect(answer.headers.get("vary")?.toLowerCase()).toContain("origin");
      expect(answer.headers.get("access-control-allow-credentials")).toBe(null);
    }
  }
  for (const origin of [
    "https://evil.example",
    "null",
    "*",
    "",
    "http://app.example.org",
    "https://app.example.org:8443",
    "https://app.example.org.evil.example",
    "https://evil-app.example.org",
    "https://sub.app.example.org",
    "https://app.example.org@evil.example",
    "https://app.example.orgx",
    "https://APP.EXAMPLE.ORG",
    "https://app.example.org/",
    "https://app.example.org, https://evil.example",
    "http://localhost",
    "http://localhost:51730",
    "http://127.0.0.1:5173",
    "http://127.0.0.1",
    "file://",
  ]) {
    const answers = [
      await from(listed, origin),
      await from(listed, origin, "/api/v1/me"),
      await preflight(listed, origin),
    ];
    for (const answer of answers) {
      expect({ origin, allowed: allowed(answer) }).toEqual({ origin, allowed: null });
      expect(answer.headers.get("access-control-allow-methods")).toBe(null);
    }
  }
  // A cache must not give one origin's answer to another.
  expect((await ask(listed.url, "GET", "/api/v1/info")).headers.get("vary")?.toLowerCase()).toContain("origin");
});

test("with a list a socket of a page from elsewhere is refused, and one without an origin is no page", async () => {
  const closeCode = (base: string, headers: Record<string, string>) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(`${base.replace("http", "ws")}/ws`, { headers } as never);
      socket.onopen = () => socket.send('{"type":"hello"}');
      socket.onclose = ({ code }) => resolve(code);
    });
  for (const origin of [
    "https://evil.example",
    "null",
    "https://app.example.org.evil.example",
    "http://app.example.org",
    "https://app.example.org:444",
  ]) {
    expect({ origin, code: await closeCode(listed.url, { origin }) }).toEqual({ origin, code: 4403 });
  }
  for (const headers of [{ origin: "https://app.example.org" }, { origin: listed.url }, {}] as Record<
    string,
    string
  >[]) {
    expect({ headers, code: await closeCode(listed.url, headers) }).toEqual({ headers, code: 4401 });
  }
  expect(await closeCode(open.url, { origin: "https://anywhere.example" })).toBe(4401);
});

test("/metrics is for this machine or for its token, and behind a proxy for its token alone", async () => {
  const metrics = (server: TestServer, headers: Record<string, string> = {}) =>
    ask(server.url, "GET", "/metrics", { headers });
  const here = await metrics(open);
  expect(here.text).toMatch(/^parlour_sends_total \d+$/m);
  await using proxied = await startTestServer({ TRUST_PROXY: "on", METRICS_TOKEN: "the metrics token" });
  for (const headers of [
    {},
    { authorization: "Bearer wrong" },
    { authorization: "the metrics token" },
    { "x-forwarded-for": "127.0.0.1" },
  ] as Record<string, string>[]) {
    expect(await metrics(proxied, headers)).toMatchObject({ status: 403, code: "forbidden" });
  }
  expect((await metrics(proxied, { authorization: "Bearer the metrics token" })).status).toBe(200);
});
