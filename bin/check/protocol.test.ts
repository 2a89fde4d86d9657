import { expect, test } from "bun:test";
import { protocolFaults } from "./protocol.ts";

const page = "# The protocol\n\n- **H1** A socket proves itself.\n- **H2** The first frame is `hello`.\n";

function faultsOf(text: string, path = "tests/realtime/hello.test.ts"): string[] {
  return protocolFaults(page, [{ path, text }]);
}

test("every rule is quoted by the name of a test", () => {
  expect(faultsOf('test("a socket proves itself [H1]", () => {});\ntest("says hello [H2]", () => {});')).toEqual([]);
});

test("one test may prove two rules", () => {
  expect(faultsOf('describe("hello [H1, H2]", () => {});')).toEqual([]);
  expect(faultsOf("test(\n  `hello [H1] [H2]`,\n  () => {},\n);")).toEqual([]);
});

test("a rule without a test is a fault", () => {
  expect(faultsOf('test("a socket proves itself [H1]", () => {});')).toEqual(["H2: no test quotes it"]);
});

test("a rule in a comment or a body proves nothing", () => {
  expect(faultsOf('// [H1]\nconst a = "[H2]";')).toEqual(["H1: no test quotes it", "H2: no test quotes it"]);
});

test("a rule in a file that is no test proves nothing", () => {
  expect(faultsOf('test("[H1] [H2]", () => {});', "tests/support/hello.ts")).toHaveLength(2);
  expect(faultsOf('test("[H1] [H2]", () => {});', "web/hello.test.ts")).toHaveLength(2);
});

test("a test that quotes a rule nobody wrote is a fault", () => {
  expect(faultsOf('test("[H1] [H2] [Q9]", () => {});')).toEqual([
    "Q9: tests/realtime/hello.test.ts quotes it, it is no rule",
  ]);
});

test("a number that two rules have is a fault, since no test that quotes it says which of them it proves", () => {
  const twice = `${page}- **H2** The answer is \`welcome\`.\n`;
  const text = 'test("[H1] [H2]", () => {});';
  expect(protocolFaults(twice, [{ path: "tests/realtime/hello.test.ts", text }])).toEqual([
    "H2: two rules have this number",
  ]);
});

test("a page without rules is a fault", () => {
  expect(protocolFaults("# Empty\n", [])).toEqual(["docs/protocol.md has no rules"]);
});
