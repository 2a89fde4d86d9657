import { join } from "node:path";
import { buildWeb } from "../build-web.ts";

/**
 * `build-page.ts OUTDIR`: the page as `npm run dev` serves it, which looks for a newer one of itself. The page's own
 * code knows nothing of that: its script is put beside it here, so that no other build can hold it.
 */
const [outdir = ""] = process.argv.slice(2);
try {
  const { files } = await buildWeb({ outdir, minify: false, dev: true });
  await addReload(files);
} catch (error) {
  for (const part of error instanceof AggregateError ? error.errors : [error]) console.error(part);
  process.exitCode = 1;
}

async function addReload(files: readonly string[]): Promise<void> {
  const page = join(outdir, "index.html");
  const html = await Bun.file(page).text();
  // Names carry the hash of what is in the file.
  const build = Bun.hash(html + files.toSorted().join()).toString(36);
  const script = `<script src="/dev-reload.js" data-build="${build}"></script>`;
  await Promise.all([
    Bun.write(page, html.replace("</head>", `  ${script}\n  </head>`)),
    Bun.write(join(outdir, "dev-build.txt"), build),
    Bun.write(join(outdir, "dev-reload.js"), Bun.file(join(import.meta.dir, "reload.js"))),
  ]);
}
