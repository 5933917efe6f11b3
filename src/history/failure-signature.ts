import type { TaskSummary } from '../core/task.js';

const MAX_MESSAGE = 160;
/** Between class and message; neither holds it. */
const SEPARATOR = '\n';

/** What differs from one failure to the next although the cause is the same. In this order: a part replaced is not looked at again. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b[a-z][a-z0-9+.-]{1,15}:\/\/\S+/gi, '<url>'],
  [/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g, '<address>'],
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?/g, '<time>'],
  [/'[^'\n]{0,200}'|"[^"\n]{0,200}"|`[^`\n]{0,200}`/g, '<text>'],
  [/\b0x[0-9a-f]+\b/gi, '<n>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b/gi, '<id>'],
  [/\d+(?:\.\d+)?/g, '<n>'],
];

/** The cause of a failure as a text: exception class and the message without what varies; null of a task that has not failed. */
export function signatureOf({ state, error }: Pick<TaskSummary, 'state' | 'error'>): string | null {
  if (error === null || (state !== 'FAILURE' && state !== 'RETRY')) return null;
  const [line = ''] = error.message.slice(0, 4 * MAX_MESSAGE).split('\n');
  const message = VARIABLE.reduce((text, [pattern, stands]) => text.replace(pattern, stands), line);
  return `${error.type.slice(0, 200)}${SEPARATOR}${message.trim().slice(0, MAX_MESSAGE)}`;
}

export function partsOfSignature(signature: string): { readonly type: string; readonly message: string } {
  const at = signature.indexOf(SEPARATOR);
  return { type: signature.slice(0, at), message: signature.slice(at + 1) };
}
