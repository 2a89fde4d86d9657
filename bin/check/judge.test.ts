import { expect, test } from "bun:test";
import { readReport } from "./junit.ts";
import { judge } from "./run-step.ts";

const ended = { code: 0, cut: null, output: "" };
const passed = report(1, 0, '<testcase name="a" classname="" file="a.test.ts" />');
const failed = report(
  1,
  1,
  '<testcase name="a" classname="" file="a.test.ts"><failure type="E">E</failure></testcase>',
);

function report(tests: number, failures: number, cases: string): string {
  return `<testsuites name="bun test" tests="${tests}" failures="${failures}" skipped="0">${cases}</testsuites>\n`;
}

test("a report of passed tests and code 0 agree", () => {
  expect(judge(ended, passed, ["a.test.ts"])).toMatchObject({ passed: 1, failed: 0, faults: [] });
});

test("a report of failed tests and code 1 agree", () => {
  expect(judge({ ...ended, code: 1 }, failed, ["a.test.ts"])).toMatchObject({ passed: 0, failed: 1, faults: [] });
});

test("a report of passed tests and code 1 disagree: one failed", () => {
  expect(judge({ ...ended, code: 1 }, passed, ["a.test.ts"])).toMatchObject({ passed: 1, failed: 1 });
});

test("a report of failed tests and code 0 disagree: one more failed", () => {
  expect(judge(ended, failed, ["a.test.ts"])).toMatchObject({ passed: 0, failed: 2 });
});

test("a runner that was killed after its report is one failed", () => {
  const killed = { ...ended, code: null, cut: "was killed by SIGSEGV" };
  expect(judge(killed, passed, ["a.test.ts"])).toMatchObject({ passed: 1, failed: 1 });
});

test("a report cut short is one failed", () => {
  expect(judge(ended, passed.slice(0, -5), ["a.test.ts"])).toMatchObject({ passed: 0, failed: 1 });
  expect(judge(ended, "", ["a.test.ts"])).toMatchObject({ passed: 0, failed: 1 });
});

test("a report whose sums are not those of its tests is no report", () => {
  expect(readReport(report(2, 0, '<testcase name="a" file="a.test.ts" />'))).toBeNull();
  expect(readReport(report(1, 1, '<testcase name="a" file="a.test.ts" />'))).toBeNull();
});

test("names in a report are read as they were written", () => {
  const skipped = '<testcase name="a &lt;b&gt; &amp;lt;" classname="c" file="a.test.ts"><skipped /></testcase>';
  const xml = `<testsuites tests="1" failures="0" skipped="1">${skipped}</testsuites>`;
  expect(readReport(xml)?.skipped).toEqual(["c > a <b> &lt;"]);
});
