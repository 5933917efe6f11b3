const MAX_TRACEBACK = 16 * 1024;
/** Of a traceback that is cut: JavaScript tells the error first, Python last. */
const KEPT_HEAD = 4 * 1024;

export function boundedTraceback(text: string): string {
  if (text.length <= MAX_TRACEBACK) return text;
  return `${text.slice(0, KEPT_HEAD)}\n…\n${text.slice(KEPT_HEAD - MAX_TRACEBACK)}`;
}
