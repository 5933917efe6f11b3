import type { BrokerFacts } from '../../core/broker-facts.js';
import type { Queue } from '../../core/queue.js';
import type { EngineSnapshot } from '../../core/queue-engine.js';
import type { TaskState } from '../../core/task.js';
import { CronRuns } from '../jobs/cron-runs.js';
import { JobPages } from '../jobs/job-pages.js';
import type { OrphanedJobs } from '../jobs/orphaned-jobs.js';
import { priorityLengths } from '../jobs/priority-lengths.js';
import { readRedisFacts } from '../redis/redis-facts.js';
import { failureOf } from '../redis/redis-failure.js';
import type { RedisLink } from '../redis/redis-link.js';
import { textOf } from '../redis/redis-reply.js';
import { type WorkerConnection, workerConnections } from './bullmq-client-list.js';
import type { BriefJob } from './bullmq-job-hash.js';
import { type BullmqQueueLists, type Listed, readBriefs, readLists } from './bullmq-lists.js';
import type { BullmqQueue } from './bullmq-queue.js';
import { type BullmqQueueCounts, COUNT_COMMANDS, countCommands, readCounts, waitingOf } from './bullmq-queue-counts.js';
import { readSchedule } from './bullmq-schedule.js';
import type { BullmqTaskTracker } from './bullmq-task-tracker.js';
import type { BullmqWorkerBook } from './bullmq-worker-book.js';

export interface InspectorOptions {
  readonly source: string;
  readonly link: RedisLink;
  readonly tracker: BullmqTaskTracker;
  readonly book: BullmqWorkerBook;
  readonly orphans: OrphanedJobs;
  readonly now: () => number;
  /** Redis refuses a command that this feature needs. */
  readonly denied: (feature: string) => void;
}

const NONE: BullmqQueueLists = {
  activeIds: [],
  tokens: [],
  waitingIds: [],
  delayed: [],
  priorities: [],
  repeats: [],
  oldest: [],
  oldestAt: null,
  heldBackMs: 0,
};

/**
 * One look at all queues: ten constant-time commands per queue and one CLIENT LIST in the first round trip, then lists, locks and jobs of
 * those queues that have any, in three more. Never the library's own counting, which needs the right to write.
 */
export class BullmqInspector {
  readonly #o: InspectorOptions;
  readonly #pages: JobPages<BullmqQueue, BriefJob>;
  readonly #cronRuns = new CronRuns();

  constructor(options: InspectorOptions) {
    this.#o = options;
    const { source, link, tracker, book } = options;
    this.#pages = new JobPages({
      source,
      engine: 'bullmq',
      read: (jobs, signal) => readBriefs(link, jobs, signal),
      trackedName: (queue, jobId) => tracker.get(queue, jobId)?.name ?? null,
      workerOf: (queue, job, token) => book.nameOf(queue, job?.worker ?? null, token),
      waitingState,
      attempts: (job) => job.started,
    });
  }

  broker(signal: AbortSignal): Promise<BrokerFacts | null> {
    const { link, now, denied } = this.#o;
    return readRedisFacts(link, { now: now(), denied, signal });
  }

  async inspect(queues: readonly BullmqQueue[], listLimit: number, signal: AbortSignal): Promise<EngineSnapshot> {
    const at = this.#o.now();
    const { link } = this.#o;
    const [replies, connections] = await Promise.all([
      link.batch(queues.flatMap(countCommands), signal),
      this.connections(queues, signal),
    ]);
    const listed: Listed[] = queues.map((queue, nth) => ({
      queue,
      counts: readCounts(replies.slice(nth * COUNT_COMMANDS, (nth + 1) * COUNT_COMMANDS)),
    }));
    const lists = await readLists(link, listed, listLimit, signal);
    for (const { queue } of listed) this.#o.orphans.sample(queue, lists.get(queue) ?? NONE);
    const workers = this.#o.book.workers(connections ?? [], at);
    const consumers = new Map<BullmqQueue, number>();
    for (const { queue } of connections ?? []) consumers.set(queue, (consumers.get(queue) ?? 0) + 1);
    const jobs = listed.map(({ queue, counts }) => {
      const { activeIds, tokens, waitingIds, delayed } = lists.get(queue) ?? NONE;
      return { queue, ...counts, activeIds, tokens, waiting: waitingOf(counts), waitingIds, delayedJobs: delayed };
    });
    const active = await this.#pages.active(jobs, listLimit, signal);
    const waiting = await this.#pages.waiting(jobs, listLimit, signal);
    return {
      at,
      queues: listed.map(({ queue, counts }) =>
        this.#queue(queue, counts, lists.get(queue) ?? NONE, connections && (consumers.get(queue) ?? 0), at),
      ),
      workers,
      ...active,
      ...waiting,
    };
  }

  /** null where CLIENT LIST is denied: then nobody knows. */
  async connections(queues: readonly BullmqQueue[], signal: AbortSignal): Promise<readonly WorkerConnection[] | null> {
    const { link } = this.#o;
    try {
      const found: WorkerConnection[] = [];
      for (const node of link.nodes()) {
        found.push(...workerConnections(textOf(await link.on(node, ['CLIENT', 'LIST'], signal)) ?? '', queues));
      }
      return found;
    } catch (error) {
      const failure = failureOf(error);
      if (failure !== 'denied' && failure !== 'other') throw error;
      this.#o.denied('workers (CLIENT LIST)');
      return null;
    }
  }

  #queue(
    queue: BullmqQueue,
    counts: BullmqQueueCounts,
    list: BullmqQueueLists,
    consumers: number | null,
    at: number,
  ): Queue {
    const length = waitingOf(counts);
    return {
      source: this.#o.source,
      engine: 'bullmq',
      name: queue.label,
      length,
      // 1 is the most urgent of the prioritised; those without a priority go before all of them.
      byPriority: list.priorities && priorityLengths(list.priorities, length, 'first'),
      active: counts.active,
      delayed: counts.delayed,
      waitingChildren: counts.waitingChildren,
      // BullMQ has no messages that a worker holds without running them.
      unacknowledged: null,
      kept: { succeeded: counts.completed, failed: counts.failed },
      consumers,
      oldestWaitingSeconds: length === 0 || list.oldestAt === null ? null : Math.max(0, at - list.oldestAt) / 1000,
      paused: counts.isPaused,
      limits: { concurrency: counts.concurrency, rate: counts.rate, heldBackMs: list.heldBackMs },
      orphaned: this.#o.orphans.count(queue),
      schedules: list.repeats.map((entry) => readSchedule(queue, entry, entry.hash, entry.nextRun, at, this.#cronRuns)),
    };
  }
}

/** A job that has failed before and runs again waits for its next attempt. */
export function waitingState(brief: BriefJob | null): TaskState {
  return brief !== null && (brief.ended ?? brief.started) > 0 ? 'RETRY' : 'PENDING';
}
