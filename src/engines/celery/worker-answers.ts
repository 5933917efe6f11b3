import type { WorkerAnswer } from '../../core/worker-control.js';
import { errorIn } from './control-replies.js';
import { fieldsOf, textIn } from './json-fields.js';

/** What each of those who were asked has said; in Celery a refusal is an answer like any other. */
export function answersOf(asked: readonly string[], answers: ReadonlyMap<string, unknown>): readonly WorkerAnswer[] {
  return asked.map((worker) => {
    if (!answers.has(worker)) return { worker, answer: 'silent', message: null };
    const answer = answers.get(worker);
    const error = errorIn(answer);
    return error === null
      ? { worker, answer: 'acknowledged', message: textIn(fieldsOf(answer)?.ok) }
      : { worker, answer: 'refused', message: error };
  });
}
