import { ApiProperty } from '@nestjs/swagger';
import type { SketchBuilder } from '../core/duration-sketch.js';
import { MAX_NAME_LENGTH, SourceQueryDto } from '../http/list-query.dto.js';
import { TextField, WholeNumberField, WordField } from '../http/query-fields.js';
import { AttemptCountsDto } from '../metrics/task-statistics.dto.js';
import { NAME_SORTS, type NameSort, type NameStatistic } from './name-statistics.js';

const MOMENT = 'ISO 8601, epoch seconds, or how long ago, such as `15m`';

export class NameStatisticsQueryDto extends SourceQueryDto {
  @TextField({ description: `From when: ${MOMENT}; by default 24 hours ago`, maxLength: 64, example: '7d' })
  readonly since?: string;

  @TextField({ description: `Until when: ${MOMENT}; by default now`, maxLength: 64 })
  readonly until?: string;

  @TextField({ description: 'The whole name, or its beginning followed by `*`', maxLength: MAX_NAME_LENGTH })
  readonly name?: string;

  @WordField(NAME_SORTS, { description: 'The order; `-` puts the greatest first', default: '-finished' })
  readonly sort: NameSort = '-finished';

  @WholeNumberField({ description: 'Names told', minimum: 1, maximum: 500, default: 100 })
  readonly limit: number = 100;
}

/** Seconds, within 5 %. */
export class SpanPercentilesDto {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;

  private constructor(p50: number, p95: number, p99: number) {
    this.p50 = p50;
    this.p95 = p95;
    this.p99 = p99;
  }

  /** null where nothing was timed. */
  static of(sketch: SketchBuilder): SpanPercentilesDto | null {
    const [p50, p95, p99] = [sketch.quantile(0.5), sketch.quantile(0.95), sketch.quantile(0.99)];
    return p50 === null || p95 === null || p99 === null ? null : new SpanPercentilesDto(p50, p95, p99);
  }
}

export class NameStatisticDto {
  readonly task_name: string;
  readonly counts: AttemptCountsDto;
  /** All counts together. */
  readonly finished: number;
  /** Share of the finished attempts that failed for good; null where none finished. */
  readonly failure_ratio: number | null;
  @ApiProperty({ type: SpanPercentilesDto, nullable: true })
  readonly run_seconds: SpanPercentilesDto | null;
  /** From being enqueued to the first start. */
  @ApiProperty({ type: SpanPercentilesDto, nullable: true })
  readonly wait_seconds: SpanPercentilesDto | null;
  /** Attempts that ended in each 24th of the time, the earliest first. */
  @ApiProperty({ type: [Number] })
  readonly finished_trend: readonly number[];
  @ApiProperty({ type: [Number] })
  readonly failed_trend: readonly number[];
  /** Run time below which 95 % stayed, in seconds; null where nothing ended. */
  @ApiProperty({ type: 'array', items: { type: 'number', nullable: true } })
  readonly run_p95_trend: readonly (number | null)[];

  constructor({ name, whole, parts }: NameStatistic) {
    this.task_name = name;
    this.counts = new AttemptCountsDto(whole);
    this.finished = whole.finished;
    this.failure_ratio = whole.finished === 0 ? null : whole.failure / whole.finished;
    this.run_seconds = SpanPercentilesDto.of(whole.run);
    this.wait_seconds = SpanPercentilesDto.of(whole.wait);
    this.finished_trend = parts.map(({ finished }) => finished);
    this.failed_trend = parts.map(({ failure }) => failure);
    this.run_p95_trend = parts.map(({ run }) => run.quantile(0.95));
  }
}

/** Per task name, over any time that is stored. */
export class NameStatisticsDto {
  /** The time asked for, widened to whole rows of what is stored. */
  @ApiProperty({ type: String, format: 'date-time' })
  readonly since: string;
  @ApiProperty({ type: String, format: 'date-time' })
  readonly until: string;
  /** Names of which anything happened. */
  readonly total: number;
  @ApiProperty({ type: [NameStatisticDto] })
  readonly items: readonly NameStatisticDto[];

  constructor(said: NameStatisticsDto) {
    this.since = said.since;
    this.until = said.until;
    this.total = said.total;
    this.items = said.items;
  }
}
