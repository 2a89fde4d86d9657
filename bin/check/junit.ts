/** What a run of tests wrote about itself. */
export interface Report {
  passed: number;
  failed: number;
  /** Names of the tests that were left out. */
  skipped: string[];
  /** The files that had a test. */
  files: Set<string>;
}

/** Reads a JUnit report; null when it is cut short or its sums are not those of its tests. */
export function readReport(xml: string): Report | null {
  const sums = /<testsuites [^>]*?\btests="(\d+)"[^>]*?\bfailures="(\d+)"[^>]*?\bskipped="(\d+)"/.exec(xml);
  if (sums === null || !xml.trimEnd().endsWith("</testsuites>")) return null;
  const report: Report = { passed: 0, failed: 0, skipped: [], files: new Set() };
  for (const [, attributes = "", , body = ""] of xml.matchAll(/<testcase ([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)) {
    report.files.add(attribute(attributes, "file"));
    if (/<(failure|error)\b/.test(body)) report.failed += 1;
    else if (/<skipped\b/.test(body)) report.skipped.push(nameOf(attributes));
    else report.passed += 1;
  }
  const [, tests, failures, skipped] = sums.map(Number);
  const all = report.passed + report.failed + report.skipped.length;
  return tests === all && failures === report.failed && skipped === report.skipped.length ? report : null;
}

function nameOf(attributes: string): string {
  return [attribute(attributes, "classname"), attribute(attributes, "name")].filter((part) => part !== "").join(" > ");
}

function attribute(attributes: string, name: string): string {
  const [, value = ""] = new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes) ?? [];
  return value.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: keyof typeof entities) => entities[entity]);
}

const entities = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
