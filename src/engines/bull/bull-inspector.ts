import type { BrokerFacts } from '../../core/broker-facts.js';
import type { Queue } from '../../core/queue.js';
import type { EngineSnapshot } from '../../core/queue-engine.js';
import { type NamedConnection, namedConnections } from '../jobs/client-list.js';
import { CronRuns } from '../jobs/cron-runs.js';
import { JobPages } from '../jobs/job-pages.js';
import type { OrphanedJobs } from '../jobs/orphaned-jobs.js';
import { priorityLengths } from '../jobs/priority-lengths.js';
import { readRedisFacts } from '../redis/redis-facts.js';
import { failureOf } from '../redis/redis-failure.js';
import type { RedisLink } from '../redis/redis-link.js';
import { textOf } from '../redis/redis-reply.js';
import { clientNameOf } from './bull-client-list.js';
import type { BriefJob } from './bull-job-hash.js';
import { type BullQueueLists, type Listed, newLists, readBriefs, readLists } from './bull-lists.js';
import type { BullQueue } from './bull-queue.js';
import { COUNT_COMMANDS, countCommands, readCounts } from './bull-queue-counts.js';
import { readRepeat } from './bull-schedule.js';
import type { BullTaskTracker } from './bull-task-tracker.js';
import type { BullWorkerBook } from './bull-worker-book.js';

export interface InspectorOptions {
  readonly source: string;
  readonly link: RedisLink;
  readonly tracker: BullTaskTracker;
  readonly book: BullWorkerBook;
  readonly orphans: OrphanedJobs;
  readonly now: () => number;
  /** Redis refuses a command that this feature needs. */
  readonly denied: (feature: string) => void;
}

const NONE = newLists(null);

/**
 * One look at all queues: ten constant-time commands per queue and one CLIENT LIST in the first round trip, then lists, locks and jobs of
 * those queues that have any, in three more.
 */
export class BullInspector {
  readonly #o: InspectorOptions;
  readonly #pages: JobPages<BullQueue, BriefJob>;
  readonly #cronRuns = new CronRuns();

  constructor(options: InspectorOptions) {
    this.#o = options;
    const { source, link, tracker, book } = options;
    this.#pages = new JobPages({
      source,
      engine: 'bull',
      read: (jobs, signal) => readBriefs(link, jobs, signal),
      trackedName: (queue, jobId) => tracker.get(queue, jobId)?.name ?? null,
      workerOf: (queue, _, token) => book.nameOf(queue, token),
      waitingState: (job) => ((job?.attemptsMade ?? 0) > 0 ? 'RETRY' : 'PENDING'),
      attempts: (job, running) => job.attemptsMade + (running ? 1 : 0),
    });
  }

  broker(signal: AbortSignal): Promise<BrokerFacts | null> {
    const { link, now, denied } = this.#o;
    return readRedisFacts(link, { now: now(), denied, signal });
  }

  async inspect(queues: readonly BullQueue[], listLimit: number, signal: AbortSignal): Promise<EngineSnapshot> {
    const at = this.#o.now();
    const { link } = this.#o;
    const [replies, connections] = await Promise.all([
      link.batch(queues.flatMap(countCommands), signal),
      this.#connections(signal),
    ]);
    const listed: Listed[] = queues.map((queue, index) => ({
      queue,
      counts: readCounts(replies.slice(index * COUNT_COMMANDS, (index + 1) * COUNT_COMMANDS)),
    }));
    const lists = await readLists(link, listed, listLimit, signal);
    for (const { queue } of listed) this.#o.orphans.sample(queue, lists.get(queue) ?? NONE);
    const workers = this.#o.book.workers(queues, connections ?? new Map(), at);
    const jobs = listed.map(({ queue, counts }) => {
      const { activeIds, tokens, waitingIds, delayed } = lists.get(queue) ?? NONE;
      const waiting = counts.wait + counts.paused;
      return { queue, ...counts, activeIds, tokens, waiting, waitingIds, delayedJobs: delayed };
    });
    const active = await this.#pages.active(jobs, listLimit, signal);
    const waiting = await this.#pages.waiting(jobs, listLimit, signal);
    return {
      at,
      queues: listed.map((one) => this.#queue(one, lists.get(one.queue) ?? NONE, connections, at)),
      workers,
      ...active,
      ...waiting,
    };
  }

  #queue(
    { queue, counts }: Listed,
    list: BullQueueLists,
    connections: ReadonlyMap<string, readonly NamedConnection[]> | null,
    at: number,
  ): Queue {
    const length = counts.wait + counts.paused;
    return {
      source: this.#o.source,
      engine: 'bull',
      name: queue.label,
      length,
      // 1 is the most urgent; jobs without a priority come after all others.
      byPriority: list.priorities && priorityLengths(list.priorities, length, 'last'),
      active: counts.active,
      delayed: counts.delayed,
      // Bull has no parents and children.
      waitingChildren: null,
      // Bull has no messages that a worker holds without running them.
      unacknowledged: null,
      kept: { succeeded: counts.completed, failed: counts.failed },
      consumers: connections && (connections.get(clientNameOf(queue.prefix, queue.name))?.length ?? 0),
      oldestWaitingSeconds:
        length === 0 ? null : list.oldestAt === null ? null : Math.max(0, at - list.oldestAt) / 1000,
      paused: counts.isPaused,
      // Bull's limiter is an option of each worker, and stored nowhere.
      limits: null,
      orphaned: this.#o.orphans.count(queue),
      schedules: list.repeats.map((entry) =>
        readRepeat(queue, entry, list.nextRuns.get(entry.member) ?? null, at, this.#cronRuns),
      ),
    };
  }

  /** By client name; null where CLIENT LIST is denied: then nobody knows. */
  async #connections(signal: AbortSignal): Promise<ReadonlyMap<string, readonly NamedConnection[]> | null> {
    const { link } = this.#o;
    const byName = new Map<string, NamedConnection[]>();
    try {
      for (const node of link.nodes()) {
        for (const connection of namedConnections(textOf(await link.on(node, ['CLIENT', 'LIST'], signal)) ?? '')) {
          const same = byName.get(connection.clientName);
          if (same) same.push(connection);
          else byName.set(connection.clientName, [connection]);
        }
      }
      return byName;
    } catch (error) {
      const failure = failureOf(error);
      if (failure !== 'denied' && failure !== 'other') throw error;
      this.#o.denied('workers without an agent (CLIENT LIST)');
      return null;
    }
  }
}
