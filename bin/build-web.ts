import { mkdir, rm, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface BuildWeb {
  outdir: string;
  minify: boolean;
  /** React's development build, source maps, no hashes to wait for. */
  dev: boolean;
}

export interface BuiltWeb {
  /** Paths below outdir. */
  files: string[];
  /** Gzipped bytes of JavaScript that each page needs before it can be used. */
  firstLoad: { entry: number; chat: number };
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const MOST_FIRST_LOAD = 150 * 1024;

/** Bundles web/ into `outdir`: index.html and hashed files under assets/. */
export async function buildWeb({ outdir, minify, dev }: BuildWeb): Promise<BuiltWeb> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(join(outdir, "assets"), { recursive: true });
  const [theme, app, worker] = await Promise.all([
    bundle({ entry: "web/first-paint.ts", format: "iife", outdir, minify, dev }),
    bundle({ entry: "web/main.tsx", format: "esm", outdir, minify, dev }),
    // A browser asks for it again under the same name: it tells by the bytes whether it is a new one.
    bundle({ entry: "web/service-worker.ts", format: "iife", outdir, minify, dev, name: "[name].[ext]" }),
  ]);
  const icon = await copyHashed("web/icon.svg", outdir);
  const main = entryOf(app);
  const outputs = [...theme.outputs, ...app.outputs, ...worker.outputs];
  // The entry's style sheet holds those of all its parts; the parts' own copies would never be asked for.
  const styles = app.outputs.filter((output) => output.path.endsWith(".css"));
  const whole = styles.reduce((largest, each) => (each.size > largest.size ? each : largest));
  const kept = outputs.filter((output) => output === whole || !styles.includes(output));
  await Promise.all(styles.filter((each) => each !== whole).map((each) => unlink(each.path)));
  const html = (await Bun.file(join(root, "web/index.html")).text())
    .replace("%ICON%", `/${icon}`)
    .replace("%THEME%", `/${below(outdir, entryOf(theme).path)}`)
    .replace("%STYLES%", `/${below(outdir, whole.path)}`)
    .replace("%MAIN%", `/${below(outdir, main.path)}`);
  await Bun.write(join(outdir, "index.html"), html);
  await Bun.write(join(outdir, MANIFEST), manifestWith(`/${icon}`));
  const files = ["index.html", MANIFEST, icon, ...kept.map((output) => below(outdir, output.path))];
  return { files, firstLoad: await weigh(app) };
}

interface Bundle {
  entry: string;
  format: "esm" | "iife";
  outdir: string;
  minify: boolean;
  dev: boolean;
  name?: string;
}

async function bundle({ entry, format, outdir, minify, dev, name }: Bundle): Promise<Bun.BuildOutput> {
  const result = await Bun.build({
    entrypoints: [join(root, entry)],
    root: join(root, "web"),
    outdir,
    format,
    splitting: format === "esm",
    target: "browser",
    minify,
    sourcemap: dev ? "linked" : "none",
    define: { "process.env.NODE_ENV": JSON.stringify(dev ? "development" : "production") },
    naming: {
      entry: name ?? "assets/[name]-[hash].[ext]",
      chunk: "assets/[name]-[hash].[ext]",
      asset: "assets/[name]-[hash].[ext]",
    },
    metafile: true,
  });
  if (!result.success) throw new AggregateError(result.logs, `${entry} does not build`);
  return result;
}

const MANIFEST = "manifest.webmanifest";

/** By it a phone takes the page to its home screen, which some ask for before they let it notify. */
function manifestWith(icon: string): string {
  return JSON.stringify({
    name: "Parlour",
    start_url: "/chat",
    display: "standalone",
    icons: [{ src: icon, sizes: "any", type: "image/svg+xml" }],
  });
}

async function copyHashed(file: string, outdir: string): Promise<string> {
  const text = await Bun.file(join(root, file)).text();
  const name = `assets/icon-${Bun.hash(text).toString(36)}.svg`;
  await Bun.write(join(outdir, name), text);
  return name;
}

function entryOf(build: Bun.BuildOutput): Bun.BuildArtifact {
  const entry = build.outputs.find((output) => output.kind === "entry-point");
  if (!entry) throw new Error("The bundler made no entry point");
  return entry;
}

function below(outdir: string, path: string): string {
  return path.slice(outdir.length + 1).replaceAll("\\", "/");
}

/** Follows static imports from the entry; the chat page adds the chunk that main.tsx asks for before anything else. */
async function weigh(build: Bun.BuildOutput): Promise<BuiltWeb["firstLoad"]> {
  const parts = new Map<string, { size: number; imports: string[] }>();
  for (const [path, { imports }] of Object.entries(build.metafile?.outputs ?? {})) {
    const name = basename(path);
    const output = build.outputs.find((each) => basename(each.path) === name);
    if (!output || !name.endsWith(".js")) continue;
    const size = Bun.gzipSync(new Uint8Array(await output.arrayBuffer())).length;
    const needed = imports.filter((each) => each.kind === "import-statement");
    parts.set(name, { size, imports: needed.map((each) => basename(each.path)) });
  }
  const load = (...names: string[]) => {
    const seen = new Set(names);
    let size = 0;
    for (const name of seen) {
      const part = parts.get(name);
      if (!part) throw new Error("The bundle does not have the parts that its first load is measured by");
      size += part.size;
      for (const next of part.imports) seen.add(next);
    }
    return size;
  };
  const main = basename(entryOf(build).path);
  const chat = [...parts.keys()].find((name) => name.startsWith("ChatHome-")) ?? "";
  return { entry: load(main), chat: load(main, chat) };
}

if (import.meta.main) {
  const outdir = join(root, "dist", "web");
  const { files, firstLoad } = await buildWeb({ outdir, minify: true, dev: false });
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  console.log(`dist/web: ${files.length} files`);
  console.log(
    `first load of JavaScript, gzip: login ${kib(firstLoad.entry)}, chat ${kib(firstLoad.chat)} (at most 150 KiB)`,
  );
  if (firstLoad.chat > MOST_FIRST_LOAD) {
    console.error("The first load is over its budget.");
    process.exit(1);
  }
}
