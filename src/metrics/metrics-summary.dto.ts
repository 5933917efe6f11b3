import { ApiProperty } from '@nestjs/swagger';
import type { GapRecord } from '../core/history-store.js';
import type { Queue } from '../core/queue.js';
import type { Source } from '../core/source.js';
import { GAP_EXACTNESS, type GapExactness } from '../core/task-event.js';
import { isUp, type Worker } from '../core/worker.js';
import { isoTime } from '../http/iso-time.js';
import { ItemDto, itemOf } from '../http/item.dto.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { WholeNumberField } from '../http/query-fields.js';
import { SourceStateDto } from '../http/source-state.dto.js';
import { sum } from '../http/sum.js';
import type { GapLog } from '../queue-inspector/gap-log.js';
import type { SourceView } from '../queue-inspector/source-view.js';
import { AttemptCountsDto, DurationPercentilesDto, TaskStatisticsDto } from './task-statistics.dto.js';
import type { TaskStatistic, TaskTotals } from './task-statistics.js';

export class MetricsSummaryQueryDto extends SourceQueryDto {
  @WholeNumberField({ description: 'At most so many entries per list', minimum: 0, maximum: 1000, default: 100 })
  readonly limit: number = 100;
}

/** null where one of the workers cannot tell. */
export class WorkersSummaryDto {
  /** Workers known, those that have lately gone included. */
  readonly total: number;
  readonly up: number;
  /** Tasks that the workers that are up can run at once. */
  readonly pool_size: number | null;
  readonly busy: number | null;

  constructor(workers: readonly Worker[]) {
    const up = workers.filter((worker) => isUp(worker.status));
    this.total = workers.length;
    this.up = up.length;
    this.pool_size = sum(up.map((worker) => worker.poolSize));
    this.busy = sum(up.map((worker) => worker.busy));
  }
}

/** Exact counts. null where one of the sources cannot tell, or none has been looked at. */
export class PendingTasksDto {
  readonly active: number | null;
  /** Waiting for a worker. */
  readonly reserved: number | null;
  /** Waiting for a time. */
  readonly scheduled: number | null;
  /** All three. */
  readonly total_pending: number | null;

  constructor(views: readonly SourceView[]) {
    const looked = views.flatMap(({ snapshot }) => (snapshot === null ? [] : [snapshot]));
    const count = (list: 'active' | 'reserved' | 'scheduled'): number | null =>
      looked.length === 0 && views.length > 0 ? null : sum(looked.map((snapshot) => snapshot[list].total));
    this.active = count('active');
    this.reserved = count('reserved');
    this.scheduled = count('scheduled');
    this.total_pending = sum([this.active, this.reserved, this.scheduled]);
  }
}

export class QueueLengthDto extends ItemDto {
  readonly name: string;
  readonly length: number;
  /** How long the oldest waiting task has waited. */
  readonly oldest_waiting_seconds: number | null;

  constructor(queue: Queue) {
    super(queue);
    this.name = queue.name;
    this.length = queue.length;
    this.oldest_waiting_seconds = queue.oldestWaitingSeconds;
  }
}

export class QueueLengthsDto {
  readonly total: number;
  /** Tasks waiting in all of them. */
  readonly length: number;
  /** The longest first. */
  @ApiProperty({ type: [QueueLengthDto] })
  readonly items: readonly QueueLengthDto[];

  constructor(queues: readonly Queue[], limit: number) {
    this.total = queues.length;
    this.length = queues.reduce((length, queue) => length + queue.length, 0);
    const longest = [...queues].sort((a, b) => b.length - a.length);
    this.items = longest.slice(0, limit).map((queue) => new QueueLengthDto(queue));
  }
}

/** A time of which not everything is known. */
export class GapDto extends ItemDto {
  /** Never repeats. */
  readonly number: number;
  /** null where the whole source is meant. */
  readonly queue: string | null;
  /** One word, such as disconnected. */
  readonly reason: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly from: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly to: string | null;
  /** Finished attempts missing from the counters; null where nobody can tell. */
  readonly missed: number | null;
  @ApiProperty({ enum: [...GAP_EXACTNESS], enumName: 'GapExactness' })
  readonly exactness: GapExactness;

  constructor(gap: GapRecord, source: Source) {
    super(itemOf(source));
    this.number = gap.number;
    this.queue = gap.queue;
    this.reason = gap.reason;
    this.from = isoTime(gap.from);
    this.to = isoTime(gap.to);
    this.missed = gap.missed;
    this.exactness = gap.exactness;
  }
}

/** Everything that the counters may have missed, over all sources: outside of these they are exact. */
export class GapsDto {
  readonly count: number;
  /** Finished attempts missing from the counters, at most, in gaps whose size is known. */
  readonly missed_at_most: number;
  /** Gaps whose size nobody can tell. */
  readonly unbounded: number;
  /** The latest first. */
  @ApiProperty({ type: [GapDto] })
  readonly items: readonly GapDto[];

  constructor(totals: GapLog['totals'], gaps: readonly GapRecord[], sources: readonly Source[]) {
    this.count = totals.count;
    this.missed_at_most = totals.missedAtMost;
    this.unbounded = totals.unbounded;
    this.items = gaps.flatMap((gap) =>
      sources.filter(({ name }) => name === gap.source).map((source) => new GapDto(gap, source)),
    );
  }
}

export interface SummaryParts {
  readonly timestamp: string;
  readonly views: readonly SourceView[];
  readonly workers: readonly Worker[];
  readonly totals: TaskTotals;
  readonly perTask: readonly TaskStatistic[];
  readonly gaps: GapsDto;
  readonly limit: number;
}

/** Everything in numbers. Counts are since the service started. */
export class MetricsSummaryDto {
  @ApiProperty({ type: String, format: 'date-time' })
  readonly timestamp: string;
  readonly workers: WorkersSummaryDto;
  readonly tasks: PendingTasksDto;
  readonly queues: QueueLengthsDto;
  readonly counts: AttemptCountsDto;
  /** Failures in the last 60 seconds. */
  readonly failure_rate: number;
  @ApiProperty({ type: DurationPercentilesDto, nullable: true })
  readonly duration_seconds: DurationPercentilesDto | null;
  /** By name, at most `limit`; /stats/detailed pages through all. */
  @ApiProperty({ type: [TaskStatisticsDto] })
  readonly per_task: readonly TaskStatisticsDto[];
  readonly gaps: GapsDto;
  @ApiProperty({ type: [SourceStateDto] })
  readonly sources: readonly SourceStateDto[];

  constructor({ timestamp, views, workers, totals, perTask, gaps, limit }: SummaryParts) {
    this.timestamp = timestamp;
    this.workers = new WorkersSummaryDto(workers);
    this.tasks = new PendingTasksDto(views);
    this.queues = new QueueLengthsDto(
      views.flatMap(({ snapshot }) => snapshot?.queues ?? []),
      limit,
    );
    this.counts = new AttemptCountsDto(totals.counts);
    this.failure_rate = totals.failureRate;
    this.duration_seconds = totals.durations === null ? null : new DurationPercentilesDto(totals.durations);
    this.per_task = perTask.map((statistic) => new TaskStatisticsDto(statistic));
    this.gaps = gaps;
    this.sources = views.map((view) => new SourceStateDto(view));
  }
}
