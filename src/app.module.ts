import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from './auth/auth.module.js';
import type { Settings } from './config/settings-schema.js';
import { Clock } from './core/clock.js';
import { EventsModule } from './events/events.module.js';
import { HealthModule } from './health/health.module.js';
import { HistoryModule, type HistoryParts } from './history/history.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import type { QueueInspector } from './queue-inspector/queue-inspector.js';
import { QueueInspectorModule } from './queue-inspector/queue-inspector.module.js';
import { QueuesModule } from './queues/queues.module.js';
import { SourcesModule } from './sources/sources.module.js';
import { TasksModule } from './tasks/tasks.module.js';
import { WorkersModule } from './workers/workers.module.js';

export interface AppParts {
  readonly settings: Settings;
  readonly inspector: QueueInspector;
  readonly clock: Clock;
  readonly history: HistoryParts;
}

/** The list of modules; nothing else. */
@Module({})
export class AppModule {
  static with({ settings, inspector, clock, history }: AppParts): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [
        QueueInspectorModule.with(inspector),
        AuthModule.forRoot({ readOnly: settings.readOnly }),
        MetricsModule.forRoot(settings.metrics),
        HistoryModule.with(history),
        TasksModule,
        WorkersModule,
        QueuesModule,
        SourcesModule,
        EventsModule,
        HealthModule.forRoot({ probeDeadlineMs: settings.inspection.deadlineMs, drainMs: settings.drainMs }),
      ],
      providers: [{ provide: Clock, useValue: clock }],
      exports: [Clock],
    };
  }
}
