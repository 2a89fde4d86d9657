import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { dist, EXECUTABLE, root } from "./build.ts";
import { buildWeb } from "./build-web.ts";

/** One file that holds the program, Bun, the workers, the page and the API's documentation, and needs nothing beside it. */
export async function buildExecutable(outfile: string): Promise<void> {
  mkdirSync(dist, { recursive: true });
  const part = mkdtempSync(join(dist, `${EXECUTABLE}.part-`));
  try {
    await buildWeb({ outdir: join(part, "web"), minify: true, dev: false });
    const entry = join(part, "entry.ts");
    writeFileSync(entry, entryWith(new Map([...pageFiles(join(part, "web")), ...docsFiles()])));
    const store = join(root, "server/store/sqlite");
    const result = await Bun.build({
      entrypoints: [entry, join(store, "writer.ts"), join(store, "reader.ts")],
      target: "bun",
      minify: { whitespace: true, syntax: true, identifiers: false },
      // The store looks for its workers under these names beside it.
      naming: { entry: "[name].[ext]", asset: "[name]-[hash].[ext]" },
      compile: {
        outfile,
        // server/config.ts alone reads `.env`, and a bunfig.toml that lies about is not ours.
        autoloadDotenv: false,
        autoloadBunfig: false,
      },
    });
    if (!result.success) throw new AggregateError(result.logs, "The executable does not build");
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

function entryWith(files: ReadonlyMap<string, string>): string {
  const paths = [...files.values()];
  const imports = paths.map((path, at) => `import file${at} from ${JSON.stringify(path)} with { type: "file" };`);
  const names = [...files.keys()].map((name, at) => `[${JSON.stringify(name)}, file${at}]`);
  return `${imports.join("\n")}
import { main } from ${JSON.stringify(join(root, "server/main.ts"))};
await main(process.argv.slice(2), new Map([${names.join(", ")}]));
`;
}

function pageFiles(folder: string): [string, string][] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => [name.replaceAll("\\", "/"), join(folder, name)]);
}

function docsFiles(): [string, string][] {
  const folder = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  return ["swagger-ui.css", "swagger-ui-bundle.js"].map((name) => [`docs/${name}`, join(folder, name)]);
}

if (import.meta.main) {
  const outfile = join(dist, EXECUTABLE);
  await buildExecutable(outfile);
  console.log(`dist/${EXECUTABLE}: ${(statSync(outfile).size / 1_048_576).toFixed(0)} MiB`);
}
