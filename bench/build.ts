import { mkdirSync } from "node:fs";

const folder = import.meta.dir;
const build = `${folder}/build`;

export const programs = { fanout: `${build}/fanout`, load: `${build}/load` };

/** Compiles the limit and the load client; without a C compiler there is nothing to measure with. */
export function buildPrograms(): void {
  const compiler = Bun.which("cc");
  if (!compiler)
    throw new Error("No C compiler: the limit and the load client are C. Install one that is called `cc`.");
  mkdirSync(build, { recursive: true });
  const sources = [...new Bun.Glob("load/*.c").scanSync(folder)].sort();
  compile(compiler, sources, programs.load);
  compile(compiler, ["limit/fanout.c"], programs.fanout);
}

function compile(compiler: string, sources: string[], program: string) {
  const done = Bun.spawnSync([compiler, "-O2", "-Wall", "-Wextra", "-pthread", "-o", program, ...sources], {
    cwd: folder,
  });
  if (!done.success) throw new Error(`${program} was not built:\n${done.stderr.toString()}`);
}
