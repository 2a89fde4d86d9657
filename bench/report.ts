import { median, type Result, type Row, short } from "./result.ts";

/** One table as lines of Markdown; the terminal shows the same lines. */
export function tableOf(result: Result): string[] {
  const extras = [...new Set(result.rows.flatMap((row) => Object.keys(row.also)))];
  const compared = result.rows.some((row) => row.ofLimit !== undefined || row.ofBare !== undefined);
  const ratios = compared ? ["of C, joined", "of bare Bun"] : [];
  const head = ["shape", "who", "median", "range", "unit", ...ratios, ...extras];
  const body = result.rows.map((row) => [
    row.shape,
    row.who,
    row.runs.length > 0 ? short(median(row.runs)) : "void",
    row.runs.length > 1 ? `${short(Math.min(...row.runs))} – ${short(Math.max(...row.runs))}` : "",
    row.unit,
    ...(compared ? [percent(row.ofLimit), percent(row.ofBare)] : []),
    ...extras.map((name) => String(row.also[name] ?? "")),
  ]);
  const widths = head.map((cell, column) => Math.max(cell.length, ...body.map((row) => row[column]!.length)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)];
}

export function pageOf(results: Result[], contestants: { name: string; about: string }[]): string {
  const lines = ["# Measurements", ""];
  lines.push(
    "Made by `npm run bench`. Each figure is the median of its runs; every contestant runs in every round, one after the",
    "other. A run in which a receiver missed, repeated or misread a message is void. `others` is what other programs took",
    "of the machine meanwhile. `cores` tells whether the two processors of the (virtual) machine shared a cache (near) or not",
    "(far), which changes every figure up to three times; only runs of one kind are compared. Where `load busy` is near",
    "100 % the client, too, was near its end. `flush ms` is what an fdatasync of one page took just before.",
    "",
    "![Throughput](latest.svg)",
    "",
  );
  for (const result of results) {
    lines.push(`## ${result.title}`, "", `${sentence(result.conditions)}`, "", ...tableOf(result), "");
    lines.push(...doubtsOf(result.rows), `${result.when}, commit ${result.commit}, ${result.machine}.`, "");
  }
  lines.push("## Who is who", "", ...contestants.map(({ name, about }) => `- **${name}**: ${about}`), "");
  return lines.join("\n");
}

function doubtsOf(rows: Row[]): string[] {
  const doubts = rows.filter((row) => row.faults.length > 0);
  if (doubts.length === 0) return [];
  return [...doubts.map((row) => `- ${row.who}, ${row.shape}: ${[...new Set(row.faults)].join("; ")}`), ""];
}

function percent(share: number | undefined): string {
  if (share === undefined) return "";
  return share >= 10 ? `${share.toFixed(0)} ×` : `${(share * 100).toFixed(0)} %`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
