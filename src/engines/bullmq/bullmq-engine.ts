import type { BrokerFacts } from '../../core/broker-facts.js';
import { SourceUnavailable } from '../../core/errors.js';
import type { QueueActionReport, QueueActionRequest } from '../../core/queue-action.js';
import {
  type BrokerCost,
  type Capability,
  type EngineListener,
  type EngineSnapshot,
  type LogPage,
  type LogPageRequest,
  QueueEngine,
  type RevokeReport,
  type RevokeRequest,
} from '../../core/queue-engine.js';
import type { QueuePeek } from '../../core/queue-peek.js';
import type { ScheduleAction, ScheduleActionReport } from '../../core/schedule-action.js';
import type { Source, SourceStatus } from '../../core/source.js';
import type { TaskDetail, TaskPayload } from '../../core/task.js';
import type { TaskAction, TaskActionReport } from '../../core/task-action.js';
import type { BullmqEngineOptions } from './bullmq-engine-options.js';
import { bullmqPositionSchema } from './bullmq-position.js';
import { BullmqWatch } from './bullmq-watch.js';

const CAPABILITIES: readonly Capability[] = [
  'revoke-waiting',
  // Through the agent in the worker; without one the report says that nobody has answered.
  'revoke-active',
  'revoke-signal',
  'find-by-id',
  'queue-age',
  'task-worker',
  'kept-tasks',
  'schedules',
  'task-logs',
  'retry',
  'retry-anew',
  'promote',
  'remove',
  'change-delay',
  'change-priority',
  'pause-queue',
  'clean-queue',
  'drain-queue',
  'obliterate-queue',
  'remove-schedule',
  'run-schedule',
  'edit-schedule',
  'peek-queue',
];

/** BullMQ 4, 5 and 6 and its ports to other languages, seen through the Redis that holds their queues, with nothing installed in the workers. */
export class BullmqEngine extends QueueEngine {
  readonly source: Source;
  readonly capabilities: ReadonlySet<Capability> = new Set(CAPABILITIES);
  readonly #watch: BullmqWatch;

  constructor(options: BullmqEngineOptions) {
    super();
    this.source = options.source;
    this.#watch = new BullmqWatch(options);
  }

  override start(listener: EngineListener): void {
    this.#watch.start(listener);
  }

  override stop(): Promise<void> {
    return this.#watch.stop();
  }

  override status(): SourceStatus {
    return this.#watch.status();
  }

  override position(): unknown {
    return this.#watch.position();
  }

  override resume(position: unknown, storedAt: number): boolean {
    const read = bullmqPositionSchema.safeParse(position);
    if (read.success) this.#watch.continue(read.data, storedAt);
    return read.success;
  }

  override rememberPayloads(perSecond: number): void {
    this.#watch.payloads.start(perSecond);
  }

  override payloadOf(id: string): TaskPayload | null {
    return this.#watch.payloads.of(id);
  }

  override cost(): BrokerCost {
    return this.#watch.cost();
  }

  override inspect(options: { readonly listLimit: number; readonly signal: AbortSignal }): Promise<EngineSnapshot> {
    const { registry, inspector } = this.#watch;
    return this.#asking(() => inspector.inspect(registry.all(), options.listLimit, options.signal));
  }

  override broker(signal: AbortSignal): Promise<BrokerFacts | null> {
    return this.#asking(() => this.#watch.inspector.broker(signal));
  }

  override findTask(id: string, signal: AbortSignal): Promise<TaskDetail | null> {
    return this.#asking(async () => {
      for (const reading of this.#watch.registry.readings(id)) {
        const found = await this.#watch.reader.read(reading, signal);
        if (found) return found;
      }
      return null;
    });
  }

  override resolveTaskId(partialId: string, limit: number, signal: AbortSignal): Promise<readonly string[]> {
    return this.#asking(() => this.#watch.reader.resolve(partialId, limit, signal));
  }

  override peek(queue: string, limit: number, signal: AbortSignal, offset = 0): Promise<QueuePeek> {
    const { registry, waiting } = this.#watch;
    const found = registry.byLabel(queue);
    return found
      ? this.#asking(() => waiting.peek(found, { offset, limit }, signal))
      : Promise.resolve({ total: 0, tasks: [] });
  }

  override revoke(id: string, request: RevokeRequest, signal: AbortSignal): Promise<RevokeReport> {
    return this.#asking(() => this.#watch.revoker.revoke(id, this.#watch.registry.readings(id), request, signal));
  }

  override act(id: string, action: TaskAction, signal: AbortSignal): Promise<TaskActionReport> {
    return this.#asking(() => this.#watch.actions.act(id, action, signal));
  }

  override logs(id: string, page: LogPageRequest, signal: AbortSignal): Promise<LogPage | null> {
    return this.#asking(() => this.#watch.actions.logs(id, page, signal));
  }

  override actOnQueue(queue: string, request: QueueActionRequest, signal: AbortSignal): Promise<QueueActionReport> {
    return this.#asking(() => this.#watch.actions.actOnQueue(queue, request, signal));
  }

  override actOnSchedule(
    queue: string,
    id: string,
    action: ScheduleAction,
    signal: AbortSignal,
  ): Promise<ScheduleActionReport> {
    return this.#asking(() => this.#watch.actions.actOnSchedule(queue, id, action, signal));
  }

  /** What goes wrong between us and Redis is the source's being unavailable; what is wrong with the question is not. */
  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof Error && 'status' in error && 'code' in error && typeof error.status === 'number')
        throw error;
      const { problem } = this.status();
      const why = problem ?? (error instanceof Error ? error.message : String(error));
      throw new SourceUnavailable(`${this.source.name}: ${why}`, { source: this.source.name }, { cause: error });
    }
  }
}
