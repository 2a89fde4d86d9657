import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { askRaw } from "#tests/compat/ask-raw.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

const SIGN_UPS = ["/api/v1/signup", "/api/v1/web/signup", "/auth/signup", "/signup", "/user/signup"] as const;
const account = (username: string, role?: string) => ({ username, password: `${username}'s password`, role });
const roleIn = (body: { role?: string; user?: { role?: string } }) => body.role ?? body.user?.role;

describe.each(SIGN_UPS)("on an empty server, at %s", (path) => {
  test("the first account is the admin, whatever it asks for, and two at once give one", async () => {
    for (const role of ["admin", "user", undefined]) {
      await using server = await startTestServer();
      const answers = await Promise.all(
        ["one", "two"].map((name) => askRaw(server.url, "POST", path, { json: account(name, role) })),
      );
      const made = answers.filter((answer) => answer.status === 201);
      expect(made.filter((answer) => roleIn(answer.body) === "admin")).toHaveLength(1);
      expect(answers.filter((answer) => answer.status === 403)).toHaveLength(role === "admin" ? 1 : 0);
      expect(made).toHaveLength(role === "admin" ? 1 : 2);
    }
  });
});

test("a later account that asks for admin is refused at every address, unless an admin makes it", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off" });
  const ask = (address: string, json: unknown, token?: string) => askRaw(server.url, "POST", address, { json, token });
  await ask("/signup", account("root", "admin"));
  await ask("/signup", account("user"));
  const tokenOf = async (username: string) => (await ask("/login", account(username))).body.access_token as string;
  const [root, user] = [await tokenOf("root"), await tokenOf("user")];
  for (const address of SIGN_UPS) {
    const isWeb = address.includes("/web/");
    for (const token of [undefined, user]) {
      const refused = await ask(address, account("eve", "admin"), token);
      expect({ address, status: refused.status }).toEqual({ address, status: 403 });
      expect(refused.body.detail).toBe("Only an admin can make another admin.");
    }
    const stale = await ask(address, account("eve", "admin"), "not a token");
    expect({ address, status: stale.status }).toEqual({ address, status: isWeb ? 403 : 401 });
    const made = await ask(address, account(`made at ${SIGN_UPS.indexOf(address)}`, "admin"), root);
    // The web's own sign-up logs a browser in, and looks at no token.
    expect({ address, status: made.status }).toEqual({ address, status: isWeb ? 403 : 201 });
    if (!isWeb) expect(roleIn(made.body)).toBe("admin");
  }
}, 30_000);

test("a server that takes no sign-ups says so before it reads them, and takes those of an admin", async () => {
  await using server = await startTestServer({ SIGNUP: "closed" });
  const ask = (address: string, json: unknown, token?: string) => askRaw(server.url, "POST", address, { json, token });
  expect((await ask("/signup", account("root"))).status).toBe(201);
  const root = (await ask("/login", account("root"))).body.access_token as string;
  for (const [at, path] of ["/auth/signup", "/signup", "/user/signup"].entries()) {
    expect((await ask(path, account("user"))).status).toBe(403);
    expect((await ask(path, { username: 7 })).status).toBe(403);
    expect((await ask(path, { username: 7 }, "not a token")).status).toBe(401);
    expect((await ask(path, { username: 7 }, root)).status).toBe(422);
    const json = { ...account(`guest ${at}`), email: `guest${at}@example.org` };
    expect((await ask(path, json, root)).status).toBe(201);
    // An address that an admin gave logs in.
    expect((await ask("/login", { username: json.email, password: json.password })).status).toBe(200);
  }
});

describe("role cannot be smuggled in", () => {
  let server: TestServer;
  let token: string;
  let id: number;

  beforeAll(async () => {
    server = await startTestServer({ RATE_LIMITS: "off" });
    await askRaw(server.url, "POST", "/signup", { json: account("root") });
    await askRaw(server.url, "POST", "/signup", { json: account("eve") });
    const { body } = await askRaw(server.url, "POST", "/auth/login", { json: account("eve") });
    token = body.access_token;
    id = body.user.id;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const roleNow = async () => (await askRaw(server.url, "GET", "/auth/me", { token })).body.role as string;

  test("by any body of any address that changes an account", async () => {
    const bodies = [
      { role: "admin" },
      { role: ["admin"] },
      { user: { role: "admin" } },
      { username: "eve", role: "admin", is_admin: true, isAdmin: true, admin: 1 },
      { username: { shown: "eve", role: "admin" } },
      { email: "eve@example.com", Role: "admin", "role ": "admin" },
    ];
    const raws = [
      '{"role":"user","role":"admin"}',
      '{"username":"eve","__proto__":{"role":"admin"}}',
      '{"username":"eve","constructor":{"prototype":{"role":"admin"}}}',
      '{"rol\\u0065":"admin"}',
    ];
    const addresses = [
      ["PUT", `/user/update/${id}`],
      ["PUT", `/user/update/${id}?role=admin`],
      ["PATCH", `/api/v1/users/${id}`],
      ["PATCH", `/api/v1/users/${id}?role=admin`],
      ["POST", "/user/update_password"],
      ["POST", "/api/v1/me/password"],
      ["PATCH", "/api/v1/me"],
      ["PUT", "/auth/me"],
      ["POST", "/auth/login"],
      ["POST", "/token"],
    ] as const;
    for (const [method, path] of addresses) {
      for (const json of bodies) await askRaw(server.url, method, path, { token, json });
      for (const body of raws)
        await askRaw(server.url, method, path, { token, raw: { type: "application/json", body } });
      await askRaw(server.url, method, path, { token, form: { username: "eve", role: "admin" } });
      expect({ path, role: await roleNow() }).toEqual({ path, role: "user" });
    }
  });

  test("by a sign-up that says it twice, nested, in the query or as a form", async () => {
    for (const [at, path] of ["/api/v1/signup", "/auth/signup", "/signup", "/user/signup"].entries()) {
      const name = (way: string) => `mallory ${at} ${way}`;
      const made = async (body: string, query = "", type = "application/json") => {
        const answer = await askRaw(server.url, "POST", path + query, { raw: { type, body } });
        return answer.status === 201 ? (answer.body.role as string) : answer.status;
      };
      const text = (way: string, rest: string) => `{"username":"${name(way)}","password":"long enough"${rest}}`;
      expect(await made(text("twice", ',"role":"user","role":"admin"'))).toBe(403);
      expect(await made(text("other way", ',"role":"admin","role":"user"'))).toBe("user");
      expect(["user", 400]).toContain(await made(text("nested", ',"user":{"role":"admin"}')));
      expect(["user", 400]).toContain(await made(text("proto", ',"__proto__":{"role":"admin"}')));
      expect(await made(text("query", ""), "?role=admin")).toBe("user");
      const form = new URLSearchParams({ username: name("form"), password: "long enough", role: "admin" });
      const type = "application/x-www-form-urlencoded";
      expect([415, 422]).toContain((await made(form.toString(), "", type)) as number);
      expect([400, 422]).toContain((await made(text("list", ',"role":["admin"]'))) as number);
    }
    const root = await askRaw(server.url, "POST", "/login", { json: account("root") });
    const users = await askRaw(server.url, "GET", "/user/users", { token: root.body.access_token });
    const admins = users.body.filter((user: { role: string }) => user.role === "admin");
    expect(admins.map((user: { username: string }) => user.username)).toEqual(["root"]);
  });
});
