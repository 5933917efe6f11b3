import { isStallFailure, stackOfAttempt } from '../jobs/job-error.js';
import { MAX_VALUE, parseJson } from '../jobs/parse-json.js';
import type { RedisCommand, RedisLink } from '../redis/redis-link.js';
import { numberOf, scoredOf, textOf } from '../redis/redis-reply.js';
import { isTimeout, taskError } from './bull-error.js';
import type { BullEventMapper } from './bull-event-mapper.js';
import { lookAtJobs } from './bull-job-reader.js';
import type { LedgerEntry } from './bull-ledger.js';
import type { JobLook } from './bull-message.js';
import type { BullQueue } from './bull-queue.js';
import type { BullTaskTracker } from './bull-task-tracker.js';

export interface RepairOptions {
  readonly link: RedisLink;
  readonly mapper: BullEventMapper;
  readonly tracker: BullTaskTracker;
  readonly redact: (value: unknown) => unknown;
}

const PAGE = 500;
/** Per run and set; what is left is found by the next round. */
const MAX_PAGES = 20;
/** Finish times are written by many workers, whose clocks differ. */
const OVERLAP_MS = 5_000;

/**
 * Finds ends that were not heard among the finished jobs Redis still keeps, and tells them as the events they would have been. Reads the
 * sets from the last known finish time on, in pages: O(log n + what is new).
 */
export class BullRepair {
  readonly #o: RepairOptions;

  constructor(options: RepairOptions) {
    this.#o = options;
  }

  async run(queue: BullQueue, entry: LedgerEntry): Promise<void> {
    entry.completedMark = await this.#set(queue, 'completed', entry.completedMark ?? 0, entry.openedCompleted);
    entry.failedMark = await this.#set(queue, 'failed', entry.failedMark ?? 0, entry.openedFailed);
  }

  /** Returns the newest finish time looked at. `openedAt`: what had finished by then was there before us. */
  async #set(queue: BullQueue, set: 'completed' | 'failed', mark: number, openedAt: number): Promise<number> {
    const from = Math.max(mark - OVERLAP_MS, openedAt);
    let newest = mark;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const found = scoredOf(
        await this.#o.link.call([
          'ZRANGEBYSCORE',
          queue.at(set),
          `(${from}`,
          '+inf',
          'WITHSCORES',
          'LIMIT',
          page * PAGE,
          PAGE,
        ]),
      );
      const unknown = found.filter(({ member }) => {
        const live = this.#o.tracker.get(queue, member);
        return live !== undefined || this.#o.tracker.ended(queue, member) === undefined;
      });
      await this.#tell(queue, set, unknown);
      for (const { score } of found) newest = Math.max(newest, score);
      if (found.length < PAGE) break;
    }
    return newest;
  }

  async #tell(
    queue: BullQueue,
    set: 'completed' | 'failed',
    jobs: readonly { readonly member: string; readonly score: number }[],
  ): Promise<void> {
    const looks = await lookAtJobs(
      this.#o.link,
      jobs.map(({ member }) => ({ queue, jobId: member, failure: set === 'failed' })),
    );
    const results =
      set === 'completed'
        ? await this.#results(
            queue,
            jobs.map(({ member }) => member),
          )
        : [];
    jobs.forEach(({ member, score }, index) => {
      const look = looks[index];
      if (!look?.brief) return;
      if (set === 'completed') {
        const json = results[index] ?? null;
        const said = {
          value: json === null ? undefined : this.#o.redact(parseJson(json)),
          valueBytes: json?.length ?? 0,
        };
        this.#o.mapper.finish('task-succeeded', queue, member, score, look.brief.attemptsMade + 1, look, said);
      } else {
        this.#failed(queue, member, score, look);
      }
    });
  }

  #failed(queue: BullQueue, jobId: string, at: number, look: JobLook): void {
    const message = look.brief?.failedReason ?? null;
    const made = look.brief?.attemptsMade ?? 0;
    const attempt = made + (isStallFailure(message) ? 1 : 0);
    this.#o.mapper.finish('task-failed', queue, jobId, at, Math.max(1, attempt), look, {
      error: taskError(message, stackOfAttempt(look.stacks, attempt, made)),
      timedOut: isTimeout(message),
    });
  }

  /** Results that are not too large, in the order of the jobs; measured before they are read. */
  async #results(queue: BullQueue, jobIds: readonly string[]): Promise<readonly (string | null)[]> {
    const { link } = this.#o;
    const lengths = await link.batch(jobIds.map((jobId) => ['HSTRLEN', queue.at(jobId), 'returnvalue']));
    const small = jobIds.map((_, index) => {
      const length = numberOf(lengths[index]) ?? 0;
      return length > 0 && length <= MAX_VALUE;
    });
    const wanted = jobIds.filter((_, index) => small[index]);
    const values = await link.batch(wanted.map((jobId): RedisCommand => ['HGET', queue.at(jobId), 'returnvalue']));
    let at = 0;
    return small.map((is) => (is ? textOf(values[at++]) : null));
  }
}
