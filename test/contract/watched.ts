import { SystemClock } from '../../src/core/clock.js';
import type { EngineSnapshot, QueueEngine } from '../../src/core/queue-engine.js';
import type { SourceStatus } from '../../src/core/source.js';
import type { EngineEvent, GapEvent, ReconciledEvent, TaskEvent, TaskEventKind } from '../../src/core/task-event.js';
import { BullEngine } from '../../src/engines/bull/bull-engine.js';
import type { BullEngineOptions } from '../../src/engines/bull/bull-engine-options.js';
import { parseRedisUrl, redactUrl } from '../../src/engines/redis/redis-url.js';
import { eventually } from '../support/eventually.js';

/** An engine at work, and everything it has told. */
export class Watched {
  readonly engine: QueueEngine;
  readonly events: EngineEvent[] = [];
  readonly statuses: SourceStatus[] = [];
  readonly batches: number[] = [];

  constructor(engine: QueueEngine) {
    this.engine = engine;
    engine.start({
      events: (batch) => {
        this.batches.push(batch.length);
        this.events.push(...batch);
      },
      status: (status) => this.statuses.push(status),
    });
  }

  tasks(kind?: TaskEventKind): readonly TaskEvent[] {
    return this.events.filter((event) => isTask(event) && (kind === undefined || event.kind === kind)).filter(isTask);
  }

  gaps(): readonly GapEvent[] {
    return this.events.filter((event) => event.kind === 'gap');
  }

  reconciled(): readonly ReconciledEvent[] {
    return this.events.filter((event) => event.kind === 'reconciled');
  }

  async connected(): Promise<void> {
    await eventually(
      () => {
        const { connection, problem } = this.engine.status();
        if (connection !== 'connected') throw new Error(`${connection}: ${problem}`);
      },
      { within: 10_000 },
    );
  }

  /** Distinct facts of a kind, as live state would count them. */
  distinct(kind: TaskEventKind): number {
    return new Set(this.tasks(kind).map(({ id, occurrence }) => `${id} ${occurrence}`)).size;
  }

  look(listLimit = 100): Promise<EngineSnapshot> {
    return this.engine.inspect({ listLimit, signal: AbortSignal.timeout(5_000) });
  }

  /** Waits until a queue with this name is watched. */
  async knows(queue: string): Promise<void> {
    await eventually(
      async () => {
        const { queues } = await this.look();
        if (!queues.some(({ name }) => name === queue)) throw new Error(`queue ${queue} is not known yet`);
      },
      { within: 5_000 },
    );
  }
}

export function watchBull(url: string, options: Partial<BullEngineOptions> = {}): Watched {
  return new Watched(
    new BullEngine({
      source: { name: 'test', engine: 'bull', location: redactUrl(url) },
      redis: parseRedisUrl(url),
      clock: new SystemClock(),
      redact: (value) => value,
      log: () => undefined,
      ...options,
    }),
  );
}

function isTask(event: EngineEvent): event is TaskEvent {
  return event.kind.startsWith('task-');
}
