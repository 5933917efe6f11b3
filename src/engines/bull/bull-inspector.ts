import type { PriorityLength, Queue } from '../../core/queue.js';
import type { EngineSnapshot, TaskPage } from '../../core/queue-engine.js';
import type { TaskState, TaskSummary } from '../../core/task.js';
import { failureOf } from '../redis/redis-failure.js';
import type { RedisLink } from '../redis/redis-link.js';
import { textOf } from '../redis/redis-reply.js';
import { clientNameOf, type WorkerConnection, workerConnections } from './bull-client-list.js';
import type { BriefJob } from './bull-job-hash.js';
import { type BullQueueLists, type JobKey, type Listed, newLists, readBriefs, readLists } from './bull-lists.js';
import type { BullOrphans } from './bull-orphans.js';
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
  readonly orphans: BullOrphans;
  readonly now: () => number;
  /** Redis refuses a command that this feature needs. */
  readonly denied: (feature: string) => void;
}

/** Active jobs whose names are read because no event told them; the rest counts as unknown. */
const MAX_NAMES_READ = 2_000;
const NONE = newLists(null);

/**
 * One look at all queues: ten constant-time commands per queue and one CLIENT LIST in the first round trip, then lists, locks and jobs of
 * those queues that have any, in three more.
 */
export class BullInspector {
  readonly #o: InspectorOptions;

  constructor(options: InspectorOptions) {
    this.#o = options;
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
    const active = await this.#active(listed, lists, listLimit, signal);
    const waiting = await this.#waiting(listed, lists, signal);
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
    connections: ReadonlyMap<string, readonly WorkerConnection[]> | null,
    at: number,
  ): Queue {
    const length = counts.wait + counts.paused;
    return {
      source: this.#o.source,
      engine: 'bull',
      name: queue.label,
      length,
      byPriority: list.priorities && byPriority(list.priorities, length),
      active: counts.active,
      delayed: counts.delayed,
      // Bull has no messages that a worker holds without running them.
      unacknowledged: null,
      kept: { succeeded: counts.completed, failed: counts.failed },
      consumers: connections && (connections.get(clientNameOf(queue.prefix, queue.name))?.length ?? 0),
      oldestWaitingSeconds:
        length === 0 ? null : list.oldestAt === null ? null : Math.max(0, at - list.oldestAt) / 1000,
      paused: counts.isPaused,
      orphaned: this.#o.orphans.count(queue),
      schedules: list.repeats.map((entry) => readRepeat(queue, entry, list.armed.has(entry.member), at)),
    };
  }

  /** By client name; null where CLIENT LIST is denied: then nobody knows. */
  async #connections(signal: AbortSignal): Promise<ReadonlyMap<string, readonly WorkerConnection[]> | null> {
    const { link } = this.#o;
    const byName = new Map<string, WorkerConnection[]>();
    try {
      for (const node of link.nodes()) {
        for (const connection of workerConnections(textOf(await link.on(node, ['CLIENT', 'LIST'], signal)) ?? '')) {
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

  async #active(
    listed: readonly Listed[],
    lists: ReadonlyMap<BullQueue, BullQueueLists>,
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
      activeIds.forEach((jobId, index) => {
        if (shown.length < limit) {
          shown.push({ queue, jobId, token: tokens[index] ?? null });
          return;
        }
        const name = this.#o.tracker.get(queue, jobId)?.name;
        if (name != null) count(queue.taskName(name), 1);
        else if (unnamed.length < MAX_NAMES_READ) unnamed.push({ queue, jobId });
        else count(null, 1);
      });
    }
    const briefs = await readBriefs(this.#o.link, [...shown, ...unnamed], signal);
    [...shown, ...unnamed].forEach(({ queue }, index) => {
      const brief = briefs[index];
      count(brief ? queue.taskName(brief.name) : null, 1);
    });
    const tasks = shown.map(({ queue, jobId, token }, index) =>
      this.#summary(queue, jobId, briefs[index] ?? null, {
        state: 'STARTED',
        worker: token === null ? null : this.#o.book.nameOf(queue, token),
      }),
    );
    return { active: { tasks, total }, activeByName: names };
  }

  async #waiting(
    listed: readonly Listed[],
    lists: ReadonlyMap<BullQueue, BullQueueLists>,
    signal: AbortSignal,
  ): Promise<{ readonly reserved: TaskPage; readonly scheduled: TaskPage }> {
    const reserved = listed.flatMap(({ queue }) =>
      (lists.get(queue) ?? NONE).waitingIds.map((jobId) => ({ queue, jobId })),
    );
    const scheduled = listed.flatMap(({ queue }) =>
      (lists.get(queue) ?? NONE).delayed.map(({ jobId, eta }) => ({ queue, jobId, eta })),
    );
    const briefs = await readBriefs(this.#o.link, [...reserved, ...scheduled], signal);
    const stateOf = (brief: BriefJob | null): TaskState => ((brief?.attemptsMade ?? 0) > 0 ? 'RETRY' : 'PENDING');
    return {
      reserved: {
        tasks: reserved.map(({ queue, jobId }, index) => {
          const brief = briefs[index] ?? null;
          return this.#summary(queue, jobId, brief, { state: stateOf(brief) });
        }),
        total: listed.reduce((sum, { counts }) => sum + counts.wait + counts.paused, 0),
      },
      scheduled: {
        tasks: scheduled.map(({ queue, jobId, eta }, index) => {
          const brief = briefs[reserved.length + index] ?? null;
          return this.#summary(queue, jobId, brief, { state: stateOf(brief), eta });
        }),
        total: listed.reduce((sum, { counts }) => sum + counts.delayed, 0),
      },
    };
  }

  #summary(queue: BullQueue, jobId: string, brief: BriefJob | null, said: Partial<TaskSummary>): TaskSummary {
    const running = said.state === 'STARTED';
    return {
      source: this.#o.source,
      engine: 'bull',
      id: queue.taskId(jobId),
      name: brief && queue.taskName(brief.name),
      queue: queue.label,
      state: 'PENDING',
      worker: null,
      sentAt: brief?.sentAt ?? null,
      eta: brief?.eta ?? null,
      startedAt: running ? (brief?.processedOn ?? null) : null,
      finishedAt: null,
      runtimeMs: null,
      attempts: brief && brief.attemptsMade + (running ? 1 : 0),
      error: null,
      ...said,
    };
  }
}

/** Bull's 1 is the most urgent; jobs without a priority come after all others. */
function byPriority(priorities: readonly number[], length: number): readonly PriorityLength[] {
  const lengths = new Map<number, number>();
  for (const priority of priorities) lengths.set(priority, (lengths.get(priority) ?? 0) + 1);
  const found: PriorityLength[] = [...lengths].map(([priority, count]) => ({ priority, length: count }));
  const rest = length - priorities.length;
  if (rest > 0) found.push({ priority: null, length: rest });
  return found;
}
