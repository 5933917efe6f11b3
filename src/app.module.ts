import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from './access/access.module.js';
import { accessRulesOf } from './access-of-settings.js';
import type { TokenStore } from './auth/api-token.js';
import type { AuditLog } from './auth/audit-log.js';
import { AuthModule } from './auth/auth.module.js';
import { BulkOperationsModule } from './bulk-operations/bulk-operations.module.js';
import type { Settings } from './config/settings-schema.js';
import { Clock } from './core/clock.js';
import { DeploymentsModule } from './deployments/deployments.module.js';
import { EventsModule } from './events/events.module.js';
import { HealthModule } from './health/health.module.js';
import { HistoryModule, type HistoryParts } from './history/history.module.js';
import { LiveModule } from './live/live.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import type { QueueInspector } from './queue-inspector/queue-inspector.js';
import { QueueInspectorModule } from './queue-inspector/queue-inspector.module.js';
import { QueuesModule } from './queues/queues.module.js';
import { redactorOf } from './redaction-of-settings.js';
import { SchedulesModule } from './schedules/schedules.module.js';
import { SourcesModule } from './sources/sources.module.js';
import { StatsModule } from './stats/stats.module.js';
import { TasksModule } from './tasks/tasks.module.js';
import { WorkersModule } from './workers/workers.module.js';

export interface AppParts {
  readonly settings: Settings;
  readonly inspector: QueueInspector;
  readonly clock: Clock;
  readonly history: HistoryParts;
  readonly tokens: TokenStore;
  readonly audit: AuditLog;
}

/** The list of modules; nothing else. */
@Module({})
export class AppModule {
  static with({ settings, inspector, clock, history, tokens, audit }: AppParts): DynamicModule {
    const rules = accessRulesOf(settings);
    return {
      module: AppModule,
      global: true,
      imports: [
        QueueInspectorModule.with(inspector),
        AuthModule.forRoot({
          rules,
          limits: settings.auth.limits,
          tokens,
          audit,
          redact: redactorOf(settings.redact),
        }),
        AccessModule.forRoot(rules),
        MetricsModule.forRoot(settings.metrics),
        HistoryModule.with(history),
        TasksModule,
        WorkersModule,
        QueuesModule,
        SchedulesModule,
        BulkOperationsModule,
        SourcesModule,
        StatsModule,
        DeploymentsModule,
        LiveModule.with(),
        EventsModule,
        HealthModule.forRoot({ probeDeadlineMs: settings.inspection.deadlineMs, drainMs: settings.drainMs }),
      ],
      providers: [{ provide: Clock, useValue: clock }],
      exports: [Clock],
    };
  }
}
