import type { Page } from "playwright-core";

const source = await Bun.file(Bun.resolveSync("axe-core/axe.min.js", import.meta.dir)).text();

type Axe = { run(options: object): Promise<{ violations: Violation[] }> };
type Violation = {
  id: string;
  impact?: string | null;
  help: string;
  nodes: { html: string; failureSummary?: string }[];
};

/** What is hard or impossible to use for somebody, in the words of axe-core: its serious and critical findings. */
export async function barriersOn(page: Page): Promise<string[]> {
  // Evaluated by the browser's own tools, which its policy for the page does not bind.
  await page.evaluate(`if (!window.axe) { ${source} }`);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: Axe };
    const found = await axe.run({ resultTypes: ["violations"] });
    return found.violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes }));
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}\n${node.html}\n${node.failureSummary ?? ""}`),
    );
}
