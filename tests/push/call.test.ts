import { expect, test } from "bun:test";
import { FakeClock } from "#client/fakes/clock.ts";
import { systemClock } from "#server/clock.ts";
import { type CallParts, callService } from "#server/push/call.ts";
import { selfSigned } from "#tests/support/self-signed.ts";

const anywhere = { named: [], open: [], any: true };
const body = new Uint8Array(10);

test("a name that leads into the network behind the server is not called, whatever it led to before", async () => {
  await using trap = listener(() => {});
  const answers = [["8.8.8.8"], ["127.0.0.1"], ["10.0.0.1", "::1"], ["::ffff:127.0.0.1"], ["169.254.169.254"]];
  let asked = 0;
  const resolve = async () => answers[asked++] ?? ["127.0.0.1"];
  expect(await resolve()).toEqual(["8.8.8.8"]);
  for (let i = 0; i < 5; i++) {
    const before = asked;
    const answer = await callService(parts({ resolve }), "https://push.example.org/x", {}, body);
    expect(answer).toEqual({ fault: expect.stringContaining("network of its own") as string });
    // Asked once: there is no second answer that could be another.
    expect(asked).toBe(before + 1);
  }
  expect(trap.calls).toBe(0);
});

test("a name that is looked up for ever is one that was not reached", async () => {
  const clock = new FakeClock();
  const forever = parts({ clock, resolve: () => new Promise(() => {}) });
  const answer = callService(forever, "https://push.example.org/x", {}, body);
  await clock.advance(10_000);
  expect(await answer).toEqual({ unreached: true });
});

test("a service that cannot prove its name by a certificate hears nothing of what is sent", async () => {
  await using certificate = await selfSigned();
  let heard = "";
  const tls = { tls: { cert: Bun.file(certificate.cert), key: Bun.file(certificate.key) } };
  await using trap = listener((text) => (heard += text), tls);
  const origin = `https://localhost:${trap.port}`;
  const allowed = { named: [origin], open: [], any: false };
  expect(await callService(parts({ allowed }), `${origin}/x`, {}, body)).toEqual({ unreached: true });
  expect(heard).toBe("");
});

test.each([
  ["nothing", ""],
  ["no HTTP", "220 mail.example.org ESMTP\r\n\r\n"],
  ["a head without an end", `HTTP/1.1 201 Created\r\n${"x: y\r\n".repeat(10_000)}`],
])("a service that answers %s is one that was not reached", async (_, said) => {
  await using odd = listener((_text, socket) => {
    socket.write(said);
    socket.end();
  });
  const origin = `http://127.0.0.1:${odd.port}`;
  const allowed = { named: [origin], open: [], any: false };
  expect(await callService(parts({ allowed }), `${origin}/x`, {}, body)).toEqual({ unreached: true });
});

test("when to come again is told in seconds or as a date, and the words of the answer are not read", async () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  for (const [said, seconds] of [
    ["120", 120],
    ["Thu, 01 Jan 2026 00:02:00 GMT", 120],
    ["Thu, 01 Jan 2015 00:00:00 GMT", 0],
    ["soon", null],
  ] as const) {
    await using busy = listener((_text, socket) => {
      socket.write(`HTTP/1.1 429 Slower\r\nRetry-After: ${said}\r\nContent-Length: 99999999\r\n\r\nwords`);
    });
    const origin = `http://127.0.0.1:${busy.port}`;
    const clock = { now: () => now, after: systemClock.after };
    const allowed = { named: [origin], open: [], any: false };
    const answer = await callService(parts({ allowed, clock }), `${origin}/x`, {}, body);
    expect(answer).toEqual({ status: 429, retryAfter: seconds });
  }
});

function parts(some: Partial<CallParts>): CallParts {
  return { allowed: anywhere, resolve: async () => ["127.0.0.1"], clock: systemClock, ...some };
}

interface Line {
  write(text: string): unknown;
  end(): unknown;
}

function listener(heard: (text: string, socket: Line) => void, tls: object = {}) {
  let calls = 0;
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    ...tls,
    socket: {
      open: () => {
        calls += 1;
      },
      data: (socket, data) => heard(data.toString("latin1"), socket),
    },
  });
  return {
    port: server.port,
    get calls() {
      return calls;
    },
    [Symbol.asyncDispose]: async () => server.stop(true),
  };
}
