import { ApiProperty } from '@nestjs/swagger';
import type { AttemptOutcome } from '../core/task.js';
import { isoTime } from '../http/iso-time.js';
import { ItemDto, itemOf } from '../http/item.dto.js';
import { MAX_NAME_LENGTH, SourceQueryDto } from '../http/list-query.dto.js';
import { TextField, WholeNumberField } from '../http/query-fields.js';
import type { LastFailure } from './task-record.js';
import type { Percentiles, Rates, TaskStatistic } from './task-statistics.js';

export class TaskStatisticsQueryDto extends SourceQueryDto {
  @TextField({ description: 'The whole name, or its beginning followed by `*`', maxLength: MAX_NAME_LENGTH })
  readonly name?: string;

  @WholeNumberField({ description: 'Names per page', minimum: 1, maximum: 1000, default: 200 })
  readonly limit: number = 200;

  @TextField({ description: '`next_cursor` of the page before', maxLength: 8192 })
  readonly cursor?: string;
}

/** Finished attempts since the service started, by how they ended. */
export class AttemptCountsDto {
  readonly success: number;
  readonly failure: number;
  readonly retry: number;
  readonly revoked: number;
  readonly rejected: number;

  constructor(counts: Readonly<Record<AttemptOutcome, number>>) {
    this.success = counts.success;
    this.failure = counts.failure;
    this.retry = counts.retry;
    this.revoked = counts.revoked;
    this.rejected = counts.rejected;
  }
}

/** Run times in seconds, within 1 %, of the attempts that ended in the last minutes. */
export class DurationPercentilesDto {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;

  constructor(percentiles: Percentiles) {
    this.p50 = percentiles.p50;
    this.p95 = percentiles.p95;
    this.p99 = percentiles.p99;
  }
}

/** Per second, over the last minutes, or since the name was first heard of if that is less. */
export class TaskRatesDto {
  readonly last_1m: number;
  readonly last_5m: number;
  readonly last_15m: number;

  constructor(rates: Rates) {
    this.last_1m = rates.last1m;
    this.last_5m = rates.last5m;
    this.last_15m = rates.last15m;
  }
}

export class TaskRetriesDto {
  /** Exception class; `__unknown__` where the engine tells none. */
  readonly reason: string;
  readonly count: number;

  constructor(retries: TaskRetriesDto) {
    this.reason = retries.reason;
    this.count = retries.count;
  }
}

export class LastFailureDto {
  /** Exception class; null where the engine does not tell. */
  readonly type: string | null;
  /** The first 500 characters. */
  readonly message: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly at: string | null;

  constructor(failure: LastFailure) {
    this.type = failure.type;
    this.message = failure.message;
    this.at = isoTime(failure.at);
  }
}

/** The tasks of one name in one source. `__other__` stands for all names beyond the configured number of series. */
export class TaskStatisticsDto extends ItemDto {
  readonly task_name: string;
  readonly counts: AttemptCountsDto;
  /** All counts together. */
  readonly finished: number;
  /** Failures in the last 60 seconds. */
  readonly failure_rate: number;
  readonly finished_per_second: TaskRatesDto;
  readonly failed_per_second: TaskRatesDto;
  @ApiProperty({ type: DurationPercentilesDto, nullable: true })
  readonly duration_seconds: DurationPercentilesDto | null;
  /** The most frequent first. */
  @ApiProperty({ type: [TaskRetriesDto] })
  readonly retries: readonly TaskRetriesDto[];
  readonly timeouts: number;
  @ApiProperty({ type: LastFailureDto, nullable: true })
  readonly last_failure: LastFailureDto | null;

  constructor(statistic: TaskStatistic) {
    super(itemOf(statistic.source));
    this.task_name = statistic.name;
    this.counts = new AttemptCountsDto(statistic.counts);
    this.finished = statistic.finished;
    this.failure_rate = statistic.failureRate;
    this.finished_per_second = new TaskRatesDto(statistic.finishedPerSecond);
    this.failed_per_second = new TaskRatesDto(statistic.failedPerSecond);
    this.duration_seconds = statistic.durations === null ? null : new DurationPercentilesDto(statistic.durations);
    this.retries = statistic.retries.map((retries) => new TaskRetriesDto(retries));
    this.timeouts = statistic.timeouts;
    this.last_failure = statistic.lastFailure === null ? null : new LastFailureDto(statistic.lastFailure);
  }
}

/** By name, then by source. */
export class TaskStatisticsPageDto {
  @ApiProperty({ type: [TaskStatisticsDto] })
  readonly items: readonly TaskStatisticsDto[];
  readonly next_cursor: string | null;
  readonly total: number;

  constructor(page: TaskStatisticsPageDto) {
    this.items = page.items;
    this.next_cursor = page.next_cursor;
    this.total = page.total;
  }
}
