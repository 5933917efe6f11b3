/** Asks again and again until `ask` answers without throwing; fails with its last error when `within` milliseconds are over. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  options: { readonly within?: number; readonly every?: number } = {},
): Promise<T> {
  const deadline = performance.now() + (options.within ?? 5_000);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, options.every ?? 20));
    }
  }
}
