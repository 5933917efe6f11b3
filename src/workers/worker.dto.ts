import { ApiProperty } from '@nestjs/swagger';
import type { TaskSummary } from '../core/task.js';
import { isUp, WORKER_STATUSES, type Worker, type WorkerResources, type WorkerStatus } from '../core/worker.js';
import { ActiveTaskDto } from '../http/active-task.dto.js';
import { isoTime, seconds } from '../http/iso-time.js';
import { ItemDto } from '../http/item.dto.js';

export class AutoscaleBoundsDto {
  readonly minimum: number;
  readonly maximum: number;

  constructor(bounds: NonNullable<Worker['autoscale']>) {
    this.minimum = bounds.minimum;
    this.maximum = bounds.maximum;
  }
}

export class WorkerPoolDto {
  /** Tasks it can run at once. */
  readonly max_concurrency: number | null;
  /** Tasks it runs now. */
  readonly busy_workers: number | null;
  /** Bounds between which it resizes itself; null where it does not, or does not tell. */
  @ApiProperty({ type: AutoscaleBoundsDto, nullable: true })
  readonly autoscale: AutoscaleBoundsDto | null;

  constructor(worker: Worker) {
    this.max_concurrency = worker.poolSize;
    this.busy_workers = worker.busy;
    this.autoscale = worker.autoscale === null ? null : new AutoscaleBoundsDto(worker.autoscale);
  }
}

/** One measurement of the worker's process tree, taken in the worker. */
export class WorkerResourcesDto {
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly measured_at: string | null;
  readonly process_type: string;
  readonly memory_bytes: number;
  /** Of one core: 150 means one and a half cores. */
  readonly cpu_percent: number;
  /** Since the process started; null where the platform does not tell. */
  readonly disk_read_bytes: number | null;
  readonly disk_write_bytes: number | null;
  readonly process_count: number;

  constructor(resources: WorkerResources) {
    this.measured_at = isoTime(resources.measuredAt);
    this.process_type = resources.processType;
    this.memory_bytes = resources.memoryBytes;
    this.cpu_percent = resources.cpuPercent;
    this.disk_read_bytes = resources.diskReadBytes;
    this.disk_write_bytes = resources.diskWriteBytes;
    this.process_count = resources.processCount;
  }
}

/** null means that the engine, or a worker without an agent, cannot tell. */
export class WorkerDto extends ItemDto {
  /** @example 'celery@worker1' */
  readonly name: string;
  /**
   * online: heard of lately. suspect: one heartbeat late. lost: gone without a goodbye. offline: said goodbye. silent: alive but not
   * answering. stalled: heartbeats arrive, work waits, nothing is consumed.
   */
  @ApiProperty({ enum: [...WORKER_STATUSES], enumName: 'WorkerStatus' })
  readonly status: WorkerStatus;
  /** True while it may still be executing something. */
  readonly up: boolean;
  readonly pool: WorkerPoolDto;
  /** Tasks it has taken from the broker ahead of running them. */
  readonly prefetch_count: number | null;
  readonly host: string | null;
  readonly pid: number | null;
  /** @example 'bull 4.16.5' */
  readonly software: string | null;
  /** Whether it tells about its tasks; null where it was not asked, or its engine has no such switch. */
  readonly events_enabled: boolean | null;
  /** True where Taskscope's agent runs inside it. */
  readonly agent: boolean;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly started_at: string | null;
  readonly uptime_seconds: number | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly last_seen_at: string | null;
  @ApiProperty({ type: [String], nullable: true })
  readonly queues: readonly string[] | null;
  /** Attempts finished since it started. */
  readonly processed: number | null;
  /** What it runs now, of the tasks that the source lists; null where the engine does not tell who runs what. */
  @ApiProperty({ type: [ActiveTaskDto], nullable: true })
  readonly active_tasks: readonly ActiveTaskDto[] | null;
  @ApiProperty({ type: WorkerResourcesDto, nullable: true })
  readonly resources: WorkerResourcesDto | null;

  constructor(worker: Worker, activeTasks: readonly TaskSummary[] | null, now: number) {
    super(worker);
    this.name = worker.name;
    this.status = worker.status;
    this.up = isUp(worker.status);
    this.pool = new WorkerPoolDto(worker);
    this.prefetch_count = worker.prefetchCount;
    this.host = worker.host;
    this.pid = worker.pid;
    this.software = worker.software;
    this.events_enabled = worker.eventsEnabled;
    this.agent = worker.agent;
    this.started_at = isoTime(worker.startedAt);
    this.uptime_seconds = worker.startedAt === null || !this.up ? null : seconds(Math.max(0, now - worker.startedAt));
    this.last_seen_at = isoTime(worker.lastSeenAt);
    this.queues = worker.queues;
    this.processed = worker.processed;
    this.active_tasks = activeTasks?.map((task) => new ActiveTaskDto(task)) ?? null;
    this.resources = worker.resources === null ? null : new WorkerResourcesDto(worker.resources);
  }
}
