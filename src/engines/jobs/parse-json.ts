/** Larger results and progress values are not parsed; their size is told. Bytes. */
export const MAX_VALUE = 16 * 1024;

/** undefined where it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return undefined;
  }
}
