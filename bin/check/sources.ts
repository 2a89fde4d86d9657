/** One file that we wrote. */
export interface Source {
  /** From the root of the project, with `/`. */
  path: string;
  text: string;
}

export async function readSources(root = `${import.meta.dir}/../..`): Promise<Source[]> {
  const glob = new Bun.Glob("{shared,client,server,web,bin,bench,tests}/**/*.{ts,tsx,mjs}");
  const paths = (await Array.fromAsync(glob.scan(root))).filter((path) => !path.includes("node_modules/"));
  return Promise.all(paths.sort().map(async (path) => ({ path, text: await Bun.file(`${root}/${path}`).text() })));
}
