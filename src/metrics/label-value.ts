/** Label value under which everything beyond a metric's maximum of label sets is added up. */
export const OTHER = '__other__';
/** Label value of what nobody has told: a task whose name has not been heard, an exception without a class. */
export const UNKNOWN = '__unknown__';

const MAX_LENGTH = 128;
/** Control characters, line separators, and halves of surrogate pairs, which are not text and would all be exposed as the same character. */
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * What a name from a broker becomes as a label value: no control characters, at most 128 UTF-16 units. Names that become the same value
 * share a series, so nothing is lost or exposed twice.
 */
export function labelValue(text: string): string {
  const bounded = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
  return bounded.replace(UNFIT, '');
}

/** Dotted names as languages write classes. Anything else where a class should be is somebody's message, and stays out of labels. */
const CLASS_NAME = /^[\p{L}_$][\p{L}\p{N}_$]*(?:(?:\.|::)[\p{L}_$][\p{L}\p{N}_$]*){0,15}$/u;

export function errorClass(type: string | null | undefined): string {
  if (type === null || type === undefined || type.length > MAX_LENGTH) return UNKNOWN;
  return CLASS_NAME.test(type) ? type : UNKNOWN;
}
