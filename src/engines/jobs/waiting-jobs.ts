import type { QueuePeek, WaitingTask } from '../../core/queue-peek.js';
import type { RedisLink } from '../redis/redis-link.js';
import { countOf, textOf } from '../redis/redis-reply.js';
import type { JobKey } from './job-pages.js';
import type { JobQueue } from './job-queue.js';
import { parseJson } from './parse-json.js';
import { idsAt, type WaitingPlace } from './waiting-places.js';

/** What a waiting job's hash tells beside its payload. */
interface StoredJob {
  readonly name: string;
  readonly sentAt: number | null;
  readonly eta: number | null;
  readonly priority: number | null;
}

export interface WaitingJobsOptions<Q extends JobQueue, B extends StoredJob> {
  readonly link: RedisLink;
  readonly redact: (value: unknown) => unknown;
  /** Where its jobs wait, in the order in which workers will take them. One round trip. */
  readonly places: (queue: Q, signal: AbortSignal) => Promise<readonly WaitingPlace[]>;
  readonly read: (jobs: readonly JobKey<Q>[], signal: AbortSignal) => Promise<readonly (B | null)[]>;
  /** Attempts that the job has behind it. */
  readonly attempts: (job: B) => number;
  /** A worker has had it before. */
  readonly begun: (job: B) => boolean;
}

/** Larger payloads are left where they are. */
const MAX_DATA = 64 * 1024;

/** Waiting jobs with their payloads, page by page: four round trips, whatever the queue's length. */
export class WaitingJobs<Q extends JobQueue, B extends StoredJob> {
  readonly #o: WaitingJobsOptions<Q, B>;

  constructor(options: WaitingJobsOptions<Q, B>) {
    this.#o = options;
  }

  async peek(
    queue: Q,
    page: { readonly offset: number; readonly limit: number },
    signal: AbortSignal,
  ): Promise<QueuePeek> {
    const { link, read } = this.#o;
    const places = await this.#o.places(queue, signal);
    const total = places.reduce((sum, { length }) => sum + length, 0);
    const ids = await idsAt(link, places, page, signal);
    const [jobs, lengths] = await Promise.all([
      read(
        ids.map((jobId) => ({ queue, jobId })),
        signal,
      ),
      link.batch(
        ids.map((jobId) => ['HSTRLEN', queue.at(jobId), 'data']),
        signal,
      ),
    ]);
    const small = ids.filter((_, nth) => countOf(lengths[nth]) <= MAX_DATA);
    const payloads = await link.batch(
      small.map((jobId) => ['HGET', queue.at(jobId), 'data']),
      signal,
    );
    const data = new Map(small.map((jobId, nth) => [jobId, textOf(payloads[nth])]));
    const tasks = ids.flatMap((jobId, nth): WaitingTask[] => {
      const job = jobs[nth];
      // Gone meanwhile: a worker has taken and finished it.
      return job ? [this.#task(queue, jobId, job, data.get(jobId), countOf(lengths[nth]))] : [];
    });
    return { total, tasks };
  }

  /** `json` undefined: too large to be read. */
  #task(queue: Q, jobId: string, job: B, json: string | null | undefined, bytes: number): WaitingTask {
    const value = json === undefined || json === null ? null : parseJson(json);
    return {
      id: queue.taskId(jobId),
      name: queue.taskName(job.name),
      args: value === undefined ? null : this.#o.redact(value),
      kwargs: null,
      unreadable: json === undefined ? 'oversized' : value === undefined ? 'malformed' : null,
      priority: job.priority,
      sentAt: job.sentAt,
      eta: job.eta,
      expiresAt: null,
      attempts: this.#o.attempts(job),
      redelivered: this.#o.begun(job),
      bytes,
    };
  }
}
