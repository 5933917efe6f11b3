import { isUp, type Worker } from '../core/worker.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { DiskIo } from './disk-io.js';
import type { GaugeFamily } from './gauge-family.js';
import { SNAPSHOT_METRICS } from './metric-definitions.js';
import type { MetricFamilies } from './metric-families.js';
import type { MeasuredProcess, MonitorProcess } from './monitor-process.js';
import type { SourceLook } from './source-look.js';

/**
 * Turns one look at queues and workers into gauges. Everything is set anew each time, so what has vanished is gone from the next scrape on, and a source that did
 * not answer has no gauges at all: old values would look live.
 */
export class SnapshotCollector {
  readonly #inspector: QueueInspector;
  readonly #monitor: MonitorProcess;
  readonly #gauges: ReturnType<typeof gaugesOf>;
  readonly #diskIo: DiskIo;

  constructor(inspector: QueueInspector, families: MetricFamilies, monitor: MonitorProcess) {
    this.#inspector = inspector;
    this.#monitor = monitor;
    this.#gauges = gaugesOf(families);
    this.#diskIo = new DiskIo(families.counter(SNAPSHOT_METRICS.diskIo));
  }

  async collect(looks: readonly SourceLook[]): Promise<void> {
    const monitor = await this.#monitor.measure();
    const workers = looks.flatMap((look) => (look.snapshot === null ? [] : this.#inspector.workersOf(look.view)));
    this.#queues(looks);
    this.#workers(workers);
    this.#processes([...workers.filter((worker) => isUp(worker.status)), monitor]);
  }

  #queues(looks: readonly SourceLook[]): void {
    const queues = looks.flatMap(({ snapshot }) => snapshot?.queues ?? []);
    const { queueLength, queueOldest, queueConsumers, schedulesMissed } = this.#gauges;
    queueLength.show((set) => {
      for (const { name, source, length } of queues) set(length, name, source);
    });
    queueOldest.show((set) => {
      for (const { name, source, oldestWaitingSeconds } of queues) set(oldestWaitingSeconds, name, source);
    });
    queueConsumers.show((set) => {
      for (const { name, source, consumers } of queues) set(consumers, name, source);
    });
    schedulesMissed.show((set) => {
      for (const { name, source, schedules } of queues) {
        set(schedules === null ? null : schedules.filter(({ missed }) => missed).length, name, source);
      }
    });
  }

  #workers(workers: readonly Worker[]): void {
    const { workerUp, workerStalled, poolSize, poolBusy, prefetchCount } = this.#gauges;
    const show = (gauge: GaugeFamily, value: (worker: Worker) => number | null): void =>
      gauge.show((set) => {
        for (const worker of workers) set(value(worker), worker.name, worker.source);
      });
    // Who said goodbye is not missed: only a lost worker is worth an alert.
    show(workerUp, ({ status }) => (status === 'offline' ? null : Number(isUp(status))));
    show(workerStalled, ({ status }) => (isUp(status) ? Number(status === 'stalled') : null));
    show(poolSize, (worker) => (isUp(worker.status) ? worker.poolSize : null));
    show(poolBusy, (worker) => (isUp(worker.status) ? worker.busy : null));
    show(prefetchCount, (worker) => (isUp(worker.status) ? worker.prefetchCount : null));
  }

  #processes(processes: readonly MeasuredProcess[]): void {
    const { processMemory, processCpu, processCount } = this.#gauges;
    const show = (gauge: GaugeFamily, value: 'memoryBytes' | 'cpuPercent' | 'processCount'): void =>
      gauge.show((set) => {
        for (const { resources, name, source } of processes) {
          if (resources !== null) set(resources[value], resources.processType, name, source);
        }
      });
    show(processMemory, 'memoryBytes');
    show(processCpu, 'cpuPercent');
    show(processCount, 'processCount');
    this.#diskIo.look(processes);
  }
}

function gaugesOf(families: MetricFamilies) {
  return {
    workerUp: families.gauge(SNAPSHOT_METRICS.workerUp),
    workerStalled: families.gauge(SNAPSHOT_METRICS.workerStalled),
    poolSize: families.gauge(SNAPSHOT_METRICS.poolSize),
    poolBusy: families.gauge(SNAPSHOT_METRICS.poolBusy),
    prefetchCount: families.gauge(SNAPSHOT_METRICS.prefetchCount),
    queueLength: families.gauge(SNAPSHOT_METRICS.queueLength),
    queueOldest: families.gauge(SNAPSHOT_METRICS.queueOldest),
    queueConsumers: families.gauge(SNAPSHOT_METRICS.queueConsumers),
    schedulesMissed: families.gauge(SNAPSHOT_METRICS.schedulesMissed),
    processMemory: families.gauge(SNAPSHOT_METRICS.processMemory),
    processCpu: families.gauge(SNAPSHOT_METRICS.processCpu),
    processCount: families.gauge(SNAPSHOT_METRICS.processCount),
  };
}
