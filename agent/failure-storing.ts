import type { BullJob } from './bull-queue.js';

/**
 * Tells of a failure that Bull is about to announce though Redis has refused to store it. Bull writes a failure in one transaction and looks at
 * its last number only: where its script was refused there is none, and Bull goes on as if it were stored. A Redis that has restarted refuses so
 * for up to a minute (NOSCRIPT: its scripts are gone, and ioredis asks only once a minute which it has); so does one that is out of memory.
 * Such a job stays active in Redis and is run over again when its lock has expired. What Bull does is not changed, only looked at.
 */
export function watchStoring(job: BullJob, refused: (problem: Error) => void): void {
  const save: unknown = Reflect.get(job, '_saveAttempt');
  if (typeof save !== 'function') return;
  Object.defineProperty(job, '_saveAttempt', {
    configurable: true,
    value: (transaction: unknown, failure: unknown): unknown => {
      if (isTransaction(transaction)) watchTransaction(transaction, refused);
      return Reflect.apply(save, job, [transaction, failure]);
    },
  });
}

interface Transaction {
  exec: (...args: readonly unknown[]) => Promise<unknown>;
}

/** Its own object for each failure: nothing has to be put back. */
function watchTransaction(transaction: Transaction, refused: (problem: Error) => void): void {
  const exec = transaction.exec;
  transaction.exec = async (...args) => {
    const results: unknown = await Reflect.apply(exec, transaction, args);
    const problem = lastProblem(results);
    if (problem !== null) refused(problem);
    return results;
  };
}

/** ioredis gives one `[problem, value]` per command; the last is the script that moves the job. */
function lastProblem(results: unknown): Error | null {
  const last: unknown = Array.isArray(results) ? results.at(-1) : null;
  const problem: unknown = Array.isArray(last) ? last[0] : null;
  return typeof problem === 'object' && problem !== null && 'message' in problem
    ? new Error(String(problem.message))
    : null;
}

function isTransaction(value: unknown): value is Transaction {
  return typeof value === 'object' && value !== null && 'exec' in value && typeof value.exec === 'function';
}
