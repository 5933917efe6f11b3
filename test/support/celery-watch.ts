import { expect } from '@jest/globals';
import { SystemClock } from '../../src/core/clock.js';
import type { EngineSnapshot, RevokeReport, RevokeRequest } from '../../src/core/queue-engine.js';
import { redactor } from '../../src/core/redaction.js';
import type { SourceStatus } from '../../src/core/source.js';
import type { EngineEvent, GapEvent, TaskEvent, TaskEventKind } from '../../src/core/task-event.js';
import type { Worker, WorkerStatus } from '../../src/core/worker.js';
import { CeleryEngine, type CeleryEngineOptions } from '../../src/engines/celery/celery-engine.js';
import { DEFAULT_NAMES } from '../../src/engines/celery/celery-settings.js';
import { parseCeleryUrl } from '../../src/engines/celery/celery-url.js';
import { parseResultStore } from '../../src/engines/celery/result-store.js';
import { eventually } from './eventually.js';

export interface CeleryWatchOptions {
  readonly broker: string;
  readonly results?: string;
  readonly engine?: Partial<CeleryEngineOptions>;
}

/** An engine that watches, and everything it has told. */
export interface CeleryWatch {
  readonly engine: CeleryEngine;
  readonly statuses: readonly SourceStatus[];
  eventsOf(id: string): readonly TaskEvent[];
  kindsOf(id: string): readonly TaskEventKind[];
  gaps(): readonly GapEvent[];
  /** As last told. */
  worker(name: string): Worker | undefined;
  event(id: string, kind: TaskEventKind, within?: number): Promise<TaskEvent>;
  workerIs(name: string, status: WorkerStatus, within?: number): Promise<Worker>;
  count(kind: TaskEventKind): number;
  inspect(): Promise<EngineSnapshot>;
  revoke(id: string, request?: RevokeRequest): Promise<RevokeReport>;
  stop(): Promise<void>;
}

export function startCeleryWatch(options: CeleryWatchOptions): CeleryWatch {
  const tasks = new Map<string, TaskEvent[]>();
  const counts = new Map<TaskEventKind, number>();
  const workers = new Map<string, Worker>();
  const gaps: GapEvent[] = [];
  const statuses: SourceStatus[] = [];
  const engine = new CeleryEngine({
    source: { name: 'test', engine: 'celery', location: 'test' },
    broker: parseCeleryUrl(options.broker),
    names: DEFAULT_NAMES,
    clock: new SystemClock(),
    redact: redactor(),
    control: true,
    sendable: [],
    results: options.results === undefined ? null : parseResultStore(options.results),
    resultLatency: () => undefined,
    ...options.engine,
  });
  const hear = (event: EngineEvent): void => {
    switch (event.kind) {
      case 'worker-online':
      case 'worker-heartbeat':
      case 'worker-offline':
        workers.set(event.worker.name, event.worker);
        return;
      case 'gap':
        gaps.push(event);
        return;
      case 'reconciled':
      case 'rejected':
      case 'payload':
        return;
      default:
        counts.set(event.kind, (counts.get(event.kind) ?? 0) + 1);
        tasks.set(event.id, [...(tasks.get(event.id) ?? []), event]);
    }
  };
  engine.start({ events: (batch) => batch.forEach(hear), status: (status) => statuses.push(status) });

  const eventsOf = (id: string): readonly TaskEvent[] => tasks.get(id) ?? [];
  return {
    engine,
    statuses,
    eventsOf,
    kindsOf: (id) => eventsOf(id).map((event) => event.kind),
    gaps: () => gaps,
    worker: (name) => workers.get(name),
    count: (kind) => counts.get(kind) ?? 0,
    event: (id, kind, within = 8_000) =>
      eventually(
        () => {
          const found = eventsOf(id).find((event) => event.kind === kind);
          if (found === undefined)
            throw new Error(
              `expected ${kind} of ${id}, found ${eventsOf(id)
                .map((e) => e.kind)
                .join()}`,
            );
          return found;
        },
        { within },
      ),
    workerIs: (name, status, within = 10_000) =>
      eventually(
        () => {
          const found = workers.get(name);
          expect(found?.status).toBe(status);
          if (found === undefined) throw new Error(`expected the worker ${name}`);
          return found;
        },
        { within },
      ),
    inspect: () => engine.inspect({ listLimit: 100, signal: AbortSignal.timeout(5_000) }),
    revoke: (id, request = { terminate: false, signal: null }) =>
      engine.revoke(id, request, AbortSignal.timeout(5_000)),
    stop: () => engine.stop(),
  };
}
