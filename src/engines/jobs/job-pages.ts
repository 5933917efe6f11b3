import type { EngineSnapshot } from '../../core/queue-engine.js';
import type { TaskState, TaskSummary } from '../../core/task.js';
import type { JobQueue } from './job-queue.js';

/** The jobs of one queue that a poll has listed, and how many there are. */
export interface ListedJobs<Q extends JobQueue> {
  readonly queue: Q;
  readonly active: number;
  readonly activeIds: readonly string[];
  /** Lock tokens, in the order of `activeIds`; null where there is no lock. */
  readonly tokens: readonly (string | null)[];
  readonly waiting: number;
  /** The first to run is the first. */
  readonly waitingIds: readonly string[];
  readonly delayed: number;
  readonly delayedJobs: readonly { readonly jobId: string; readonly eta: number }[];
}

export interface JobKey<Q extends JobQueue> {
  readonly queue: Q;
  readonly jobId: string;
}

/** What both libraries store in a job's hash. */
interface StoredJob {
  readonly name: string;
  readonly sentAt: number | null;
  readonly eta: number | null;
  readonly processedOn: number | null;
}

export interface JobPagesOptions<Q extends JobQueue, B extends StoredJob> {
  readonly source: string;
  readonly engine: 'bull' | 'bullmq';
  /** One round trip; null where the job is gone by now. */
  readonly read: (jobs: readonly JobKey<Q>[], signal: AbortSignal) => Promise<readonly (B | null)[]>;
  /** Name of a job as events have told it. */
  readonly trackedName: (queue: Q, jobId: string) => string | null;
  readonly workerOf: (queue: Q, job: B | null, token: string) => string | null;
  readonly waitingState: (job: B | null) => TaskState;
  readonly attempts: (job: B, running: boolean) => number;
}

/** Active jobs whose names are read because no event told them; the rest counts as unknown. */
const MAX_NAMES_READ = 2_000;

/** Running, waiting and delayed jobs of a poll become tasks. Two round trips, whatever is in the queues. */
export class JobPages<Q extends JobQueue, B extends StoredJob> {
  readonly #o: JobPagesOptions<Q, B>;

  constructor(options: JobPagesOptions<Q, B>) {
    this.#o = options;
  }

  async active(
    listed: readonly ListedJobs<Q>[],
    limit: number,
    signal: AbortSignal,
  ): Promise<Pick<EngineSnapshot, 'active' | 'activeByName'>> {
    const names = new Map<string | null, number>();
    const count = (name: string | null, by: number): void => {
      if (by > 0) names.set(name, (names.get(name) ?? 0) + by);
    };
    const shown: (JobKey<Q> & { readonly token: string | null })[] = [];
    const unnamed: JobKey<Q>[] = [];
    let total = 0;
    for (const { queue, active, activeIds, tokens } of listed) {
      total += Math.max(active, activeIds.length);
      count(null, active - activeIds.length);
      activeIds.forEach((jobId, nth) => {
        if (shown.length < limit) {
          shown.push({ queue, jobId, token: tokens[nth] ?? null });
          return;
        }
        const name = this.#o.trackedName(queue, jobId);
        if (name !== null) count(queue.taskName(name), 1);
        else if (unnamed.length < MAX_NAMES_READ) unnamed.push({ queue, jobId });
        else count(null, 1);
      });
    }
    const jobs = await this.#o.read([...shown, ...unnamed], signal);
    [...shown, ...unnamed].forEach(({ queue }, nth) => {
      const job = jobs[nth];
      count(job ? queue.taskName(job.name) : null, 1);
    });
    const tasks = shown.map(({ queue, jobId, token }, nth) => {
      const job = jobs[nth] ?? null;
      const worker = token === null ? null : this.#o.workerOf(queue, job, token);
      return this.#summary(queue, jobId, job, { state: 'STARTED', worker, startedAt: job?.processedOn ?? null });
    });
    return { active: { tasks, total }, activeByName: names };
  }

  async waiting(
    listed: readonly ListedJobs<Q>[],
    limit: number,
    signal: AbortSignal,
  ): Promise<Pick<EngineSnapshot, 'reserved' | 'scheduled'>> {
    const reserved = listed
      .flatMap(({ queue, waitingIds }) => waitingIds.map((jobId) => ({ queue, jobId })))
      .slice(0, limit);
    const scheduled = listed.flatMap(({ queue, delayedJobs }) => delayedJobs.map((job) => ({ queue, ...job })));
    const jobs = await this.#o.read([...reserved, ...scheduled], signal);
    const { waitingState } = this.#o;
    return {
      reserved: {
        tasks: reserved.map(({ queue, jobId }, nth) => {
          const job = jobs[nth] ?? null;
          return this.#summary(queue, jobId, job, { state: waitingState(job) });
        }),
        total: listed.reduce((sum, { waiting }) => sum + waiting, 0),
      },
      scheduled: {
        tasks: scheduled.map(({ queue, jobId, eta }, nth) => {
          const job = jobs[reserved.length + nth] ?? null;
          return this.#summary(queue, jobId, job, { state: waitingState(job), eta });
        }),
        total: listed.reduce((sum, { delayed }) => sum + delayed, 0),
      },
    };
  }

  #summary(queue: Q, jobId: string, job: B | null, said: Partial<TaskSummary>): TaskSummary {
    return {
      source: this.#o.source,
      engine: this.#o.engine,
      id: queue.taskId(jobId),
      name: job && queue.taskName(job.name),
      queue: queue.label,
      state: 'PENDING',
      worker: null,
      sentAt: job?.sentAt ?? null,
      eta: job?.eta ?? null,
      startedAt: null,
      finishedAt: null,
      runtimeMs: null,
      attempts: job && this.#o.attempts(job, said.state === 'STARTED'),
      error: null,
      ...said,
    };
  }
}
