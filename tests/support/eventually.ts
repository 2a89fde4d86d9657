/** Waits until something holds; what it threw last is thrown when it does not in time. */
export async function eventually(check: () => void | Promise<void>, within = 5_000): Promise<void> {
  const end = performance.now() + within;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await Bun.sleep(10);
    }
  }
}
