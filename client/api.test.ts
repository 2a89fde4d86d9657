import { beforeEach, describe, expect, test } from "bun:test";
import { Refusal } from "#shared/errors.ts";
import { createApi, type Fetch, Offline } from "./api.ts";
import { fakeRandom } from "./fakes/chat.ts";
import { FakeClock } from "./fakes/clock.ts";
import { type Session, tokenSession } from "./session.ts";

interface Asked {
  method: string;
  path: string;
  token: string | undefined;
  body: unknown;
}

const base = "http://parlour.test";
let clock: FakeClock;
let asked: Asked[];
let answer: (asked: Asked) => Response | Promise<Response>;

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  answer = () => Response.json({});
});

const fetch: Fetch = async (url, init) => {
  const headers = init?.headers as Record<string, string>;
  const request: Asked = {
    method: init?.method ?? "GET",
    path: url.slice(base.length),
    token: headers.authorization?.replace("Bearer ", ""),
    body: typeof init?.body === "string" ? JSON.parse(init.body) : undefined,
  };
  asked.push(request);
  return answer(request);
};

function problem(status: number, code: string, more: object = {}, headers: Record<string, string> = {}): Response {
  return Response.json({ code, detail: `It is ${code}.`, ...more }, { status, headers });
}

function api(session: Session = { accessToken: async () => "token", rejected: () => {} }) {
  return createApi({ base, fetch, clock, session });
}

function login(): Session {
  return tokenSession({
    base,
    fetch,
    clock,
    random: fakeRandom(1),
    from: { username: "ann", password: "secret-word" },
  });
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}

describe("calls", () => {
  test("a page is asked for by its place", async () => {
    await api().messages(7, { before: 12, limit: 50 });
    await api().users({ cursor: "a b", limit: undefined });
    expect(asked.map((request) => request.path)).toEqual([
      "/api/v1/rooms/7/messages?before=12&limit=50",
      "/api/v1/users?cursor=a+b",
    ]);
  });

  test("a refusal has the code, the words, the field and the time that the server gave", async () => {
    answer = () => problem(429, "rate_limited", { field: "name" }, { "retry-after": "5" });
    const error = await failure(api().createRoom({ name: "tea" }));
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({ code: "rate_limited", message: "It is rate_limited.", field: "name", retryAfter: 5 });
  });

  test("a refusal for a reason that only a newer server knows is read by its status, and shown in its words", async () => {
    answer = () => problem(409, "no_polls_here");
    expect(await failure(api().me())).toMatchObject({ code: "invalid", message: "It is no_polls_here." });
  });

  test("an answer that is not the server's is read by its status", async () => {
    answer = () => new Response("<h1>Bad gateway</h1>", { status: 502 });
    expect(await failure(api().me())).toMatchObject({ code: "unavailable" });
    answer = () => new Response("<h1>Welcome to our wifi</h1>", { status: 200 });
    expect(await failure(api().me())).toMatchObject({ code: "unavailable" });
    answer = () => problem(404, "toString");
    expect(await failure(api().me())).toMatchObject({ code: "not_found" });
  });

  test("no answer is Offline, whether the network failed or the server hung", async () => {
    answer = () => Promise.reject(new TypeError("fetch failed"));
    expect(await failure(api().me())).toBeInstanceOf(Offline);
    const hung: Fetch = (_url, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    const session: Session = { accessToken: async () => "token", rejected: () => {} };
    const ends = failure(createApi({ base, fetch: hung, clock, session }).me());
    await clock.advance(30_000);
    expect(await ends).toBeInstanceOf(Offline);
  });

  test("an answer without a body is no answer to misread", async () => {
    answer = () => new Response(null, { status: 204 });
    expect(await api().leaveRoom(7)).toBeUndefined();
  });

  test("an access token that ended is renewed and the call made once more", async () => {
    let valid = "one";
    answer = ({ path, token }) => {
      if (path === "/api/v1/token") return Response.json({ access_token: "one", expires_in: 600, refresh_token: "r1" });
      if (path === "/api/v1/token/refresh") {
        return Response.json({ access_token: "two", expires_in: 600, refresh_token: "r2" });
      }
      return token === valid ? Response.json({ id: 1 }) : problem(401, "token_expired");
    };
    const calls = api(login());
    await calls.me();
    valid = "two";
    expect(await calls.me()).toEqual({ id: 1 } as never);
    valid = "three";
    expect(await failure(calls.me())).toMatchObject({ code: "token_expired" });
  });

  test("a wrong password says nothing about the token", async () => {
    answer = () => problem(401, "wrong_credentials");
    const rejected: string[] = [];
    const calls = api({ accessToken: async () => "token", rejected: (token) => rejected.push(token) });
    const error = await failure(calls.changePassword({ current_password: "a", new_password: "b" }));
    expect(error).toMatchObject({ code: "wrong_credentials" });
    expect(rejected).toEqual([]);
    expect(asked).toHaveLength(1);
  });
});

describe("a session by token", () => {
  let serial: number;

  beforeEach(() => {
    serial = 0;
    answer = () => {
      serial += 1;
      return Response.json({ access_token: `access ${serial}`, expires_in: 600, refresh_token: `refresh ${serial}` });
    };
  });

  test("it logs in once, however many ask at once", async () => {
    const session = login();
    expect(await Promise.all([session.accessToken(), session.accessToken()])).toEqual(["access 1", "access 1"]);
    expect(asked).toEqual([
      { method: "POST", path: "/api/v1/token", token: undefined, body: { username: "ann", password: "secret-word" } },
    ]);
  });

  test("a token is renewed shortly before it ends, by the newest refresh token", async () => {
    const session = login();
    await session.accessToken();
    await clock.advance(500_000);
    expect(await session.accessToken()).toBe("access 1");
    await clock.advance(75_000);
    expect(await session.accessToken()).toBe("access 2");
    expect(asked[1]).toMatchObject({ path: "/api/v1/token/refresh", body: { refresh_token: "refresh 1" } });
  });

  test("a refresh without an answer is asked again with the same nonce, and the next one with another", async () => {
    const session = login();
    await session.accessToken();
    session.rejected("access 1");
    const answers = answer;
    answer = () => Promise.reject(new TypeError("fetch failed"));
    expect(await failure(session.accessToken())).toBeInstanceOf(Offline);
    answer = answers;
    expect(await session.accessToken()).toBe("access 2");
    session.rejected("access 1");
    expect(await session.accessToken()).toBe("access 2");
    session.rejected("access 2");
    await session.accessToken();
    const nonces = asked.slice(1).map(({ body }) => (body as { nonce: string }).nonce);
    expect(nonces[0]).toBe(nonces[1]!);
    expect(nonces[2]).not.toBe(nonces[1]!);
  });

  test("a session that ended is over: nothing more is asked", async () => {
    const session = login();
    await session.accessToken();
    session.rejected("access 1");
    answer = () => problem(401, "unauthorized");
    expect(await failure(session.accessToken())).toMatchObject({ code: "session_ended" });
    expect(await failure(session.accessToken())).toMatchObject({ code: "session_ended" });
    expect(asked).toHaveLength(2);
  });

  test("a wrong password is said as such, and a server in trouble does not end a session", async () => {
    answer = () => problem(503, "unavailable");
    const session = login();
    expect(await failure(session.accessToken())).toMatchObject({ code: "unavailable" });
    answer = () => problem(401, "wrong_credentials");
    expect(await failure(session.accessToken())).toMatchObject({ code: "wrong_credentials" });
  });
});
