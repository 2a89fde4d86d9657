import { expect, test } from "bun:test";
import { selfSigned } from "#tests/support/self-signed.ts";
import { startTestServer } from "#tests/support/start-server.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeThat } from "./sight.ts";

test("with a certificate of one's own the page and its socket are encrypted and the cookies never leave that", async () => {
  await using certificate = await selfSigned();
  await using server = await startTestServer({ TLS_CERT: certificate.cert, TLS_KEY: certificate.key });
  expect(server.url).toStartWith("https://");
  await using browser = await launchChromium();
  await using ann = await Guest.at(server.url, browser, { ignoreHTTPSErrors: true });
  const sockets: string[] = [];
  ann.page.on("websocket", (socket) => sockets.push(socket.url()));
  await ann.signUp("Ann");
  await ann.createRoom("Behind a lock");
  await ann.say("Can anybody read this on the way?");
  await seeThat(
    () => ann.reads(),
    (read) => expect(read).toEqual(["Ann: Can anybody read this on the way?"]),
  );
  await ann.page.reload();
  await see(ann.articles.getByText("on the way?"));

  expect(sockets).not.toBeEmpty();
  for (const url of sockets) expect(url).toStartWith(server.url.replace("https:", "wss:"));
  const cookies = await ann.context.cookies([`${server.url}/api/v1/web/refresh`]);
  expect(cookies.map((cookie) => cookie.name).sort()).toEqual(["parlour_known", "parlour_refresh"]);
  for (const cookie of cookies) expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: "Strict" });
});
