import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildExecutable } from "../../bin/build-executable.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeThat } from "./sight.ts";

test("the one executable starts in an empty folder, and two people sign up, meet in a room and talk there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "parlour-executable-"));
  const program = join(folder, "parlour");
  await buildExecutable(program);
  const empty = mkdtempSync(join(tmpdir(), "parlour-empty-"));
  // Nothing of this checkout is in its way: no PATH, no home, another folder.
  const run = (...words: string[]) =>
    Bun.spawn([program, ...words], {
      cwd: empty,
      env: { HOST: "127.0.0.1", PORT: "0" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
  const server = run();
  const browser = await launchChromium();
  try {
    const url = await addressOf(server);
    await using ann = await Guest.at(url, browser);
    await ann.signUp("ann");
    await ann.createRoom("Garden");
    await ann.say("hello from one file");
    await using bob = await Guest.at(url, browser);
    await bob.signUp("bob");
    await bob.findAndJoin("Garden");
    await see(bob.articles.getByText("hello from one file"));
    await bob.say("hello, one file");
    await seeThat(
      () => ann.reads(),
      (read) => expect(read).toEqual(["ann: hello from one file", "bob: hello, one file"]),
    );
    await bob.goTo("/docs");
    await see(bob.page.getByText("accounts").first());

    const verbs: [string[], RegExp][] = [
      [["help"], /parlour db copy/],
      [["password", "ann"], /sets the password of ann/],
      [["backup", "copy"], /all that stood at/],
    ];
    for (const [words, says] of verbs) {
      const verb = run(...words);
      expect(await new Response(verb.stdout).text()).toMatch(says);
      expect(await verb.exited).toBe(0);
    }
    server.kill("SIGTERM");
    expect(await server.exited).toBe(0);
    const restored = run("restore", "copy", "--replace");
    expect(await new Response(restored.stdout).text()).toContain("each table's hash the same");
    expect(readdirSync(empty).sort()).toEqual(["copy", "data"]);
  } finally {
    server.kill("SIGKILL");
    await browser.close();
    for (const made of [folder, empty]) rmSync(made, { recursive: true, force: true });
  }
}, 90_000);

async function addressOf(server: Bun.Subprocess<"ignore", "pipe", "pipe">): Promise<string> {
  let said = "";
  for await (const part of server.stdout.pipeThrough(new TextDecoderStream())) {
    said += part;
    const [, url] = /^Parlour is at (\S+)$/m.exec(said) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error(`It did not start: ${said}${await new Response(server.stderr).text()}`);
}
