import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noteUse, sweepBuilds } from "./builds-in-use.ts";

let dist: string;
const NOW = Date.now();

beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), "parlour-dist-"));
});
afterEach(() => rmSync(dist, { recursive: true, force: true }));

function build(name: string, daysOld: number): string {
  const folder = join(dist, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "index.html"), "");
  return aged(folder, daysOld);
}

function aged(folder: string, daysOld: number): string {
  const at = new Date(NOW - daysOld * 86_400_000);
  utimesSync(folder, at, at);
  return folder;
}

test("a build whose files a running server reads is kept however old it is; others go after a day", () => {
  const running = build("running", 0);
  noteUse(running);
  aged(running, 30);
  const [young, old] = [build("young", 0.5), build("old", 2)];
  sweepBuilds(dist, () => false, NOW);
  expect([running, young, old].map((folder) => existsSync(folder))).toEqual([true, true, false]);
});

test("a build goes once the process that read it has ended, and what is kept by its name stays", async () => {
  const ended = Bun.spawn([process.execPath, "-e", ""]);
  await ended.exited;
  const folder = build("ended", 0);
  noteUse(folder, ended.pid);
  const kept = build("parlour", 9);
  aged(folder, 2);
  sweepBuilds(dist, (name) => name === "parlour", NOW);
  expect([folder, kept].map((path) => existsSync(path))).toEqual([false, true]);
});

test("notes of those that ended are taken away by the next, so that they do not gather", async () => {
  const ended = Bun.spawn([process.execPath, "-e", ""]);
  await ended.exited;
  const folder = build("used", 0);
  noteUse(folder, ended.pid);
  noteUse(folder);
  expect(existsSync(join(folder, `used-by-${ended.pid}`))).toBe(false);
  expect(existsSync(join(folder, `used-by-${process.pid}`))).toBe(true);
});
