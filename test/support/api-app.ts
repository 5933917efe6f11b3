import type { AddressInfo } from 'node:net';
import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import supertest from 'supertest';
import { AccessModule } from '../../src/access/access.module.js';
import { AccessGates } from '../../src/auth/access-gates.js';
import { AccessPolicy } from '../../src/auth/access-policy.js';
import { type AccessRules, LOCAL_RULES } from '../../src/auth/access-rules.js';
import type { TokenStore } from '../../src/auth/api-token.js';
import type { AuditLog } from '../../src/auth/audit-log.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { MemoryAuditLog } from '../../src/auth/memory-audit-log.js';
import { MemoryTokenStore } from '../../src/auth/memory-token-store.js';
import type { LimitRules } from '../../src/auth/request-limits.js';
import { BulkOperationsModule } from '../../src/bulk-operations/bulk-operations.module.js';
import { Clock } from '../../src/core/clock.js';
import type { QueueEngine } from '../../src/core/queue-engine.js';
import { redactor } from '../../src/core/redaction.js';
import { DeploymentsModule } from '../../src/deployments/deployments.module.js';
import { EventsModule } from '../../src/events/events.module.js';
import { HealthModule } from '../../src/health/health.module.js';
import { HistoryModule, type HistoryParts, NO_HISTORY } from '../../src/history/history.module.js';
import { ApiAdapter } from '../../src/http/api-adapter.js';
import { configureHttp, HTTP_OPTIONS } from '../../src/http/configure-http.js';
import { type HttpRules, LOCAL_HTTP } from '../../src/http/http-rules.js';
import { LiveModule } from '../../src/live/live.module.js';
import { QueueInspector } from '../../src/queue-inspector/queue-inspector.js';
import { QueueInspectorModule } from '../../src/queue-inspector/queue-inspector.module.js';
import { QueuesModule } from '../../src/queues/queues.module.js';
import { SchedulesModule } from '../../src/schedules/schedules.module.js';
import { SourcesModule } from '../../src/sources/sources.module.js';
import { StatsModule } from '../../src/stats/stats.module.js';
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
  /** Default: nobody has to sign in. */
  readonly rules?: Partial<AccessRules>;
  readonly http?: Partial<HttpRules>;
  /** Default: none that a test could meet. */
  readonly limits?: Partial<LimitRules>;
  readonly tokens?: TokenStore;
  readonly audit?: AuditLog;
  readonly probeDeadlineMs?: number;
  readonly drainMs?: number;
  readonly history?: Partial<HistoryParts>;
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

const NO_LIMITS: LimitRules = { reads: 1e9, changes: 1e9, signIns: 1e9, streams: 1e3 };

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
  const rules: AccessRules = { ...LOCAL_RULES, readOnly: options.readOnly ?? false, ...options.rules };
  const root: DynamicModule = {
    module: class ApiAppRoot {},
    imports: [
      ClockModule.with(clock),
      QueueInspectorModule.with(inspector),
      AuthModule.forRoot({
        rules,
        limits: { ...NO_LIMITS, ...options.limits },
        tokens: options.tokens ?? new MemoryTokenStore(),
        audit: options.audit ?? new MemoryAuditLog(),
        redact: redactor(),
      }),
      AccessModule.forRoot(rules),
      HistoryModule.with({ ...NO_HISTORY, ...options.history }),
      TasksModule,
      WorkersModule,
      QueuesModule,
      SchedulesModule,
      BulkOperationsModule,
      SourcesModule,
      StatsModule,
      DeploymentsModule,
      LiveModule.with({ tickMs: 20, ageMs: 200 }),
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
  configureHttp(app, { ...LOCAL_HTTP, ...options.http }, app.get(AccessGates));
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
