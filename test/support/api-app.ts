import type { AddressInfo } from 'node:net';
import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import supertest from 'supertest';
import { AccessPolicy } from '../../src/auth/access-policy.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { Clock } from '../../src/core/clock.js';
import type { HistoryStore } from '../../src/core/history-store.js';
import type { QueueEngine } from '../../src/core/queue-engine.js';
import { EventsModule } from '../../src/events/events.module.js';
import { HealthModule } from '../../src/health/health.module.js';
import { HistoryModule } from '../../src/history/history.module.js';
import { ApiAdapter } from '../../src/http/api-adapter.js';
import { configureHttp, HTTP_OPTIONS } from '../../src/http/configure-http.js';
import { QueueInspector } from '../../src/queue-inspector/queue-inspector.js';
import { QueueInspectorModule } from '../../src/queue-inspector/queue-inspector.module.js';
import { QueuesModule } from '../../src/queues/queues.module.js';
import { SourcesModule } from '../../src/sources/sources.module.js';
import { TasksModule } from '../../src/tasks/tasks.module.js';
import { WorkersModule } from '../../src/workers/workers.module.js';
import { NOON } from './builders.js';
import { ClockModule } from './clock-module.js';

export interface ApiAppOptions {
  readonly readOnly?: boolean;
  /** Further modules, such as one with a controller that forgot its permission. */
  readonly modules?: readonly (Type | DynamicModule)[];
  readonly clock?: Clock;
  /** Where the service logs; default: nowhere. */
  readonly logger?: LoggerService;
  readonly access?: AccessPolicy;
  readonly probeDeadlineMs?: number;
  readonly drainMs?: number;
  /** Open. */
  readonly history?: HistoryStore;
  readonly commandDeadlineMs?: number;
  /** Tests that look at what is polled set it; elsewhere every request polls. */
  readonly snapshotMaxAgeMs?: number;
}

export interface ApiApp {
  readonly app: NestExpressApplication;
  readonly inspector: QueueInspector;
  readonly baseUrl: string;
  /** Requests relative to the server's root. */
  readonly request: ReturnType<typeof supertest>;
  /** Ends the server, then the engines. */
  close(): Promise<void>;
}

/** Time that stands still until it is told to move. */
export class FixedClock extends Clock {
  at: number;

  constructor(at = NOON) {
    super();
    this.at = at;
  }

  override now(): number {
    return this.at;
  }

  override monotonic(): number {
    return performance.now();
  }
}

/** The real modules over given engines, listening on a free loopback port. */
export async function startApiApp(engines: readonly QueueEngine[], options: ApiAppOptions = {}): Promise<ApiApp> {
  const clock = options.clock ?? new FixedClock();
  const inspector = new QueueInspector(clock, {
    inspection: { maxAgeMs: options.snapshotMaxAgeMs ?? 0, deadlineMs: 500, listLimit: 100 },
    live: { maxTasks: 10_000, maxBytes: 64 * 1024 * 1024 },
    workerGraceMs: 60_000,
    commandDeadlineMs: options.commandDeadlineMs ?? 500,
    statusChanged: () => undefined,
  });
  const root: DynamicModule = {
    module: class ApiAppRoot {},
    imports: [
      ClockModule.with(clock),
      QueueInspectorModule.with(inspector),
      AuthModule.forRoot({ readOnly: options.readOnly ?? false }),
      HistoryModule.with({ store: options.history ?? null, settled: () => true }),
      TasksModule,
      WorkersModule,
      QueuesModule,
      SourcesModule,
      EventsModule,
      HealthModule.forRoot({ probeDeadlineMs: options.probeDeadlineMs ?? 500, drainMs: options.drainMs ?? 0 }),
      ...(options.modules ?? []),
    ],
  };
  const building = Test.createTestingModule({ imports: [root] });
  if (options.access !== undefined) building.overrideProvider(AccessPolicy).useValue(options.access);
  const built = await building.compile();
  const app = built.createNestApplication<NestExpressApplication>(new ApiAdapter(), {
    ...HTTP_OPTIONS,
    logger: options.logger ?? false,
  });
  configureHttp(app);
  await app.listen(0, '127.0.0.1');
  for (const engine of engines) inspector.add(engine);

  const server = app.getHttpServer();
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected the server to listen on a port');
  const baseUrl = `http://127.0.0.1:${address.port}`;
  return {
    app,
    inspector,
    baseUrl,
    request: supertest(baseUrl),
    close: async () => {
      await app.close();
      await inspector.stop();
    },
  };
}
