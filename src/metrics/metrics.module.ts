import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { Registry } from 'prom-client';
import type { MetricsSettings } from '../config/metrics-settings.js';
import { Clock } from '../core/clock.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { EventCounts } from './event-counts.js';
import { MetricFamilies } from './metric-families.js';
import { MetricLedger } from './metric-ledger.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsListener } from './metrics-listener.js';
import { MonitorProcess } from './monitor-process.js';
import { packageVersion } from './package-version.js';
import { PrometheusExpositionController } from './prometheus-exposition.controller.js';
import { ResultMetrics } from './result-metrics.js';
import { Scrape } from './scrape.js';
import { ServiceMetrics } from './service-metrics.js';
import { SnapshotCollector } from './snapshot-collector.js';
import { TaskFamilies } from './task-families.js';
import { TaskGauges } from './task-gauges.js';
import { TaskRecorder } from './task-recorder.js';
import { TaskStatistics } from './task-statistics.js';

/** What counts and what is read: both below the controllers. */
@Module({})
class RecordingModule {}

/**
 * Counts everything and shows it to Prometheus and to people. Needs `Clock` and `QueueInspector` from global modules. Must be made before
 * the engines start, or what they tell in between goes uncounted.
 */
@Module({})
export class MetricsModule {
  static forRoot(settings: MetricsSettings): DynamicModule {
    const recording = recordingModule(settings);
    const exposition = PrometheusModule.register({
      controller: PrometheusExpositionController,
      path: '/metrics',
      // Node's own defaults would be thirty more metrics; `taskscope_*` has those that say something about this service.
      defaultMetrics: { enabled: false },
    });
    return {
      module: MetricsModule,
      imports: [recording, { ...exposition, imports: [recording] }],
      controllers: [MetricsController],
      exports: [recording],
    };
  }
}

function recordingModule(settings: MetricsSettings): DynamicModule {
  const providers: FactoryProvider[] = [
    { provide: MetricFamilies, useFactory: () => new MetricFamilies(settings.maxSeries) },
    { provide: Registry, inject: [MetricFamilies], useFactory: (families: MetricFamilies) => families.registry },
    {
      provide: TaskFamilies,
      inject: [MetricFamilies],
      useFactory: (families: MetricFamilies) => new TaskFamilies(families, settings),
    },
    {
      provide: TaskRecorder,
      inject: [Clock, MetricFamilies, TaskFamilies],
      useFactory: (clock: Clock, families: MetricFamilies, taskFamilies: TaskFamilies) =>
        new TaskRecorder(clock, taskFamilies, new ResultMetrics(families, settings), settings),
    },
    {
      provide: TaskStatistics,
      inject: [Clock, TaskRecorder],
      useFactory: (clock: Clock, recorder: TaskRecorder) => new TaskStatistics(clock, recorder),
    },
    {
      provide: TaskGauges,
      inject: [Clock, TaskFamilies, TaskRecorder],
      useFactory: (clock: Clock, families: TaskFamilies, recorder: TaskRecorder) =>
        new TaskGauges(clock, families, recorder),
    },
    {
      provide: SnapshotCollector,
      inject: [QueueInspector, Clock, MetricFamilies],
      useFactory: (inspector: QueueInspector, clock: Clock, families: MetricFamilies) =>
        new SnapshotCollector(inspector, families, new MonitorProcess(clock)),
    },
    {
      provide: MetricLedger,
      inject: [MetricFamilies],
      useFactory: (families: MetricFamilies) => new MetricLedger(families),
    },
    {
      provide: EventCounts,
      inject: [Clock, MetricFamilies],
      useFactory: (clock: Clock, families: MetricFamilies) => new EventCounts(clock, families),
    },
    {
      provide: ServiceMetrics,
      inject: [QueueInspector, Clock, EventCounts, MetricFamilies],
      useFactory: (inspector: QueueInspector, clock: Clock, events: EventCounts, families: MetricFamilies) =>
        new ServiceMetrics(inspector, clock, events, families, packageVersion()),
    },
    {
      provide: Scrape,
      inject: [QueueInspector, Clock, MetricFamilies, TaskGauges, SnapshotCollector, ServiceMetrics],
      useFactory: (
        inspector: QueueInspector,
        clock: Clock,
        families: MetricFamilies,
        tasks: TaskGauges,
        snapshot: SnapshotCollector,
        service: ServiceMetrics,
      ) => new Scrape(inspector, clock, families, { tasks, snapshot, service }),
    },
  ];
  return {
    module: RecordingModule,
    providers: [...providers, MetricsListener],
    exports: [MetricFamilies, MetricLedger, Registry, Scrape, TaskRecorder, TaskStatistics],
  };
}
