import { z } from 'zod';
import { ATTEMPT_OUTCOMES, type TaskAttempt } from '../core/task.js';

const attemptSchema = z.tuple([
  z.number(),
  z.string().nullable(),
  z.number().nullable(),
  z.number().nullable(),
  z.enum(ATTEMPT_OUTCOMES).nullable(),
  z.string().nullable(),
  z.string().nullable(),
]);
const attemptsSchema = z.array(attemptSchema);
const numbersSchema = z.array(z.number());

/** Numbers in the order in which they were written: whoever reads the file may have written it, too. */
export function parseFacts(text: string): readonly number[] {
  const read = numbersSchema.safeParse(parseJson(text));
  return read.success ? read.data : [];
}

export function parseAttempts(text: string): readonly TaskAttempt[] {
  const read = attemptsSchema.safeParse(parseJson(text));
  if (!read.success) return [];
  return read.data.map(([number, worker, startedAt, endedAt, outcome, type, message]) => ({
    number,
    worker,
    startedAt,
    endedAt,
    outcome,
    error: type === null && message === null ? null : { type: type ?? '', message: message ?? '' },
  }));
}

/** undefined where the text is no JSON: a damaged row must not take the others with it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
