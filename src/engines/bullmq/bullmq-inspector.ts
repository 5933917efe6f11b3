import type { PriorityLength, Queue } from '../../core/queue.js';
import type { EngineSnapshot, TaskPage } from '../../core/queue-engine.js';
import type { TaskState, TaskSummary } from '../../core/task.js';
import { failureOf } from '../redis/redis-failure.js';
import type { RedisLink } from '../redis/redis-link.js';
import { textOf } from '../redis/redis-reply.js';
import { type WorkerConnection, workerConnections } from './bullmq-client-list.js';
import type { BriefJob } from './bullmq-job-hash.js';
import { type BullmqQueueLists, type JobKey, type Listed, readBriefs, readLists } from './bullmq-lists.js';
import type { BullmqOrphans } from './bullmq-orphans.js';
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
  readonly orphans: BullmqOrphans;
  readonly now: () => number;
  /** Redis refuses a command that this feature needs. */
  readonly denied: (feature: string) => void;
}

/** Active jobs whose names are read because no event told them; the rest counts as unknown. */
const MAX_NAMES_READ = 2_000;
const NONE: BullmqQueueLists = {
  activeIds: [],
  tokens: [],
  waitingIds: [],
  delayed: [],
  priorities: [],
  repeats: [],
  oldest: [],
  oldestAt: null,
};

/**
 * One look at all queues: nine constant-time commands per queue and one CLIENT LIST in the first round trip, then lists, locks and jobs of
 * those queues that have any, in three more. Never the library's own counting, which needs the right to write.
 */
export class BullmqInspector {
  readonly #o: InspectorOptions;

  constructor(options: InspectorOptions) {
    this.#o = options;
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
    const active = await this.#active(listed, lists, listLimit, signal);
    const waiting = await this.#waiting(listed, lists, listLimit, signal);
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
      byPriority: list.priorities && byPriority(list.priorities, length),
      active: counts.active,
      delayed: counts.delayed,
      // BullMQ has no messages that a worker holds without running them.
      unacknowledged: null,
      kept: { succeeded: counts.completed, failed: counts.failed },
      consumers,
      oldestWaitingSeconds: length === 0 || list.oldestAt === null ? null : Math.max(0, at - list.oldestAt) / 1000,
      paused: counts.isPaused,
      orphaned: this.#o.orphans.count(queue),
      schedules: list.repeats.map((entry) => readSchedule(queue, entry, entry.hash, entry.armed, at)),
    };
  }

  async #active(
    listed: readonly Listed[],
    lists: ReadonlyMap<BullmqQueue, BullmqQueueLists>,
    limit: number,
    signal: AbortSignal,
  ): Promise<Pick<EngineSnapshot, 'active' | 'activeByName'>> {
    const names = new Map<string | null, number>();
    const count = (name: string | null, by: number): void => {
      if (by > 0) names.set(name, (names.get(name) ?? 0) + by);
    };
    const shown: (JobKey & { readonly token: string | null })[] = [];
    const unnamed: JobKey[] = [];
    let total = 0;
    for (const { queue, counts } of listed) {
      const { activeIds, tokens } = lists.get(queue) ?? NONE;
      total += Math.max(counts.active, activeIds.length);
      count(null, counts.active - activeIds.length);
      activeIds.forEach((jobId, nth) => {
        if (shown.length < limit) {
          shown.push({ queue, jobId, token: tokens[nth] ?? null });
          return;
        }
        const name = this.#o.tracker.get(queue, jobId)?.name;
        if (name != null) count(queue.taskName(name), 1);
        else if (unnamed.length < MAX_NAMES_READ) unnamed.push({ queue, jobId });
        else count(null, 1);
      });
    }
    const briefs = await readBriefs(this.#o.link, [...shown, ...unnamed], signal);
    [...shown, ...unnamed].forEach(({ queue }, nth) => {
      const brief = briefs[nth];
      count(brief ? queue.taskName(brief.name) : null, 1);
    });
    const tasks = shown.map(({ queue, jobId, token }, nth) => {
      const brief = briefs[nth] ?? null;
      const worker = token === null ? null : this.#o.book.nameOf(queue, brief?.worker ?? null, token);
      return this.#summary(queue, jobId, brief, { state: 'STARTED', worker });
    });
    return { active: { tasks, total }, activeByName: names };
  }

  async #waiting(
    listed: readonly Listed[],
    lists: ReadonlyMap<BullmqQueue, BullmqQueueLists>,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ readonly reserved: TaskPage; readonly scheduled: TaskPage }> {
    const reserved = listed
      .flatMap(({ queue }) => (lists.get(queue) ?? NONE).waitingIds.map((jobId) => ({ queue, jobId })))
      .slice(0, limit);
    const scheduled = listed.flatMap(({ queue }) =>
      (lists.get(queue) ?? NONE).delayed.map(({ jobId, eta }) => ({ queue, jobId, eta })),
    );
    const briefs = await readBriefs(this.#o.link, [...reserved, ...scheduled], signal);
    return {
      reserved: {
        tasks: reserved.map(({ queue, jobId }, nth) => {
          const brief = briefs[nth] ?? null;
          return this.#summary(queue, jobId, brief, { state: waitingState(brief) });
        }),
        total: listed.reduce((sum, { counts }) => sum + waitingOf(counts), 0),
      },
      scheduled: {
        tasks: scheduled.map(({ queue, jobId, eta }, nth) => {
          const brief = briefs[reserved.length + nth] ?? null;
          return this.#summary(queue, jobId, brief, { state: waitingState(brief), eta });
        }),
        total: listed.reduce((sum, { counts }) => sum + counts.delayed, 0),
      },
    };
  }

  #summary(queue: BullmqQueue, jobId: string, brief: BriefJob | null, said: Partial<TaskSummary>): TaskSummary {
    return {
      source: this.#o.source,
      engine: 'bullmq',
      id: queue.taskId(jobId),
      name: brief && queue.taskName(brief.name),
      queue: queue.label,
      state: 'PENDING',
      worker: null,
      sentAt: brief?.sentAt ?? null,
      eta: brief?.eta ?? null,
      startedAt: said.state === 'STARTED' ? (brief?.processedOn ?? null) : null,
      finishedAt: null,
      runtimeMs: null,
      attempts: brief?.started ?? null,
      error: null,
      ...said,
    };
  }
}

/** A job that has failed before and runs again waits for its next attempt. */
export function waitingState(brief: BriefJob | null): TaskState {
  return brief !== null && (brief.ended ?? brief.started) > 0 ? 'RETRY' : 'PENDING';
}

/** BullMQ's 1 is the most urgent of the prioritised; those without a priority go before all of them. */
function byPriority(priorities: readonly number[], length: number): readonly PriorityLength[] {
  const lengths = new Map<number, number>();
  for (const priority of priorities) lengths.set(priority, (lengths.get(priority) ?? 0) + 1);
  const found: PriorityLength[] = [...lengths].map(([priority, count]) => ({ priority, length: count }));
  const rest = length - priorities.length;
  if (rest > 0) found.unshift({ priority: null, length: rest });
  return found;
}
