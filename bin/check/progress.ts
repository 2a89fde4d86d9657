/** Shows on a terminal what a step said last and how long it runs; nothing elsewhere. */
export function showProgress(name: string): { heard(text: string): void; end(): void } {
  if (!process.stdout.isTTY) return { heard: () => {}, end: () => {} };
  const start = performance.now();
  let last = "";
  const draw = () => {
    const seconds = ((performance.now() - start) / 1_000).toFixed(0);
    const line = `...     ${name.padEnd(16)} ${seconds.padStart(6)} s  ${last}`;
    process.stdout.write(`\r\x1b[K${line.slice(0, (process.stdout.columns ?? 80) - 1)}`);
  };
  const timer = setInterval(draw, 250);
  return {
    heard(text) {
      const lines = Bun.stripANSI(text).trim().split("\n");
      last = lines.at(-1)?.trim() || last;
    },
    end() {
      clearInterval(timer);
      process.stdout.write("\r\x1b[K");
    },
  };
}
