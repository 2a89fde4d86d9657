import { median, type Result, type Row, short } from "./result.ts";

const WIDTH = 860;
const NAME = 150;
const VALUE = 190;
const BAR = 22;
const GAP = 30;
const OURS = "#2f6f4f";
const THEIRS = "#9aa5b1";

/** Horizontal bars, one group for each shape, each group on its own scale with the range of its runs. */
export function plotOf(results: Result[]): string {
  const parts: string[] = [];
  let y = 16;
  for (const result of results) {
    y += 22;
    parts.push(text(16, y, result.title, 'font-size="16" font-weight="600"'));
    for (const [shape, rows] of Map.groupBy(result.rows, (row) => row.shape)) {
      const shown = rows.filter((row) => row.runs.length > 0);
      if (shown.length === 0) continue;
      y += GAP;
      parts.push(text(16, y, `${shape}, ${shown[0]!.unit}`, 'font-size="13" fill="#555"'));
      y += 8;
      const most = Math.max(...shown.flatMap((row) => row.runs));
      for (const row of shown) {
        parts.push(...bar(row, y, (WIDTH - NAME - VALUE) / most));
        y += BAR;
      }
    }
    y += GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" font-family="system-ui, sans-serif">`,
    `<rect width="${WIDTH}" height="${y}" fill="#fff"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function bar(row: Row, y: number, scale: number): string[] {
  const middle = median(row.runs);
  const end = NAME + middle * scale;
  const low = NAME + Math.min(...row.runs) * scale;
  const high = NAME + Math.max(...row.runs) * scale;
  const line = y + BAR / 2;
  const share = row.ofLimit === undefined ? "" : `, ${(row.ofLimit * 100).toFixed(0)} % of C`;
  const height = BAR - 6;
  return [
    text(NAME - 8, y + 15, row.who, 'font-size="13" text-anchor="end"'),
    `<rect x="${NAME}" y="${y + 3}" width="${(end - NAME).toFixed(1)}" height="${height}" fill="${row.who === "Parlour" ? OURS : THEIRS}"/>`,
    `<path d="M${low.toFixed(1)} ${line}H${high.toFixed(1)}" stroke="#222" stroke-width="1.5"/>`,
    text(Math.max(end, high) + 8, y + 15, `${short(middle)}${share}`, 'font-size="13"'),
  ];
}

function text(x: number, y: number, content: string, style: string): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y}" ${style}>${safe}</text>`;
}
