import { createHash } from 'node:crypto';
import { ApiProperty } from '@nestjs/swagger';
import type { Counted, FailureGroup } from '../core/failure.js';
import { isoTime } from '../http/iso-time.js';
import { MAX_NAME_LENGTH, SourceQueryDto } from '../http/list-query.dto.js';
import { TextField, WholeNumberField } from '../http/query-fields.js';

const MOMENT = 'ISO 8601, epoch seconds, or how long ago, such as `15m`';

export class FailuresQueryDto extends SourceQueryDto {
  @TextField({ description: `Failed at or after: ${MOMENT}; by default 24 hours ago`, maxLength: 64, example: '24h' })
  readonly since?: string;

  @TextField({ description: `Failed before: ${MOMENT}; by default now`, maxLength: 64 })
  readonly until?: string;

  @TextField({ description: 'Tasks of this name only', maxLength: MAX_NAME_LENGTH })
  readonly name?: string;

  @TextField({ description: 'Tasks of this queue only', maxLength: MAX_NAME_LENGTH })
  readonly queue?: string;

  @WholeNumberField({ description: 'Causes told, the most frequent first', minimum: 1, maximum: 200, default: 50 })
  readonly limit: number = 50;
}

export class CountedNameDto {
  readonly name: string;
  readonly count: number;

  constructor({ name, count }: Counted) {
    this.name = name;
    this.count = count;
  }
}

export class FailureSampleDto {
  readonly source: string;
  readonly task_id: string;
  /** As the task told it. */
  readonly message: string;

  constructor({ source, id, message }: FailureGroup['sample']) {
    this.source = source;
    this.task_id = id;
    this.message = message;
  }
}

/** Failures of one cause: the same exception class, and messages that differ only in numbers, ids, quoted texts and the like. */
export class FailureGroupDto {
  /** Stays the same from answer to answer. */
  readonly signature: string;
  /** Exception class. */
  readonly type: string;
  /**
   * With placeholders for what varies.
   * @example 'no model <id> after <n> s'
   */
  readonly message: string;
  readonly count: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly first_seen: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly last_seen: string | null;
  /** Failures in each of the parts of the time, the oldest first. */
  @ApiProperty({ type: [Number] })
  readonly trend: readonly number[];
  /** Names of its tasks, the most frequent first, at most 5. */
  @ApiProperty({ type: [CountedNameDto] })
  readonly names: readonly CountedNameDto[];
  /** The same for workers. */
  @ApiProperty({ type: [CountedNameDto] })
  readonly workers: readonly CountedNameDto[];
  /** One of the latest: its detail has the traceback. */
  readonly sample: FailureSampleDto;

  constructor(group: FailureGroup) {
    this.signature = createHash('sha1').update(`${group.type}\n${group.message}`).digest('hex').slice(0, 16);
    this.type = group.type;
    this.message = group.message;
    this.count = group.count;
    this.first_seen = isoTime(group.firstSeen);
    this.last_seen = isoTime(group.lastSeen);
    this.trend = group.trend;
    this.names = group.names.map((name) => new CountedNameDto(name));
    this.workers = group.workers.map((worker) => new CountedNameDto(worker));
    this.sample = new FailureSampleDto(group.sample);
  }
}

/** Tasks whose latest attempt failed, by cause. */
export class FailuresDto {
  @ApiProperty({ type: String, format: 'date-time' })
  readonly since: string;
  @ApiProperty({ type: String, format: 'date-time' })
  readonly until: string;
  /** Length of one part of a trend. */
  readonly step_seconds: number;
  /** Failed tasks, of all causes. */
  readonly failures: number;
  /** Distinct causes, of which `items` has the most frequent. */
  readonly causes: number;
  /** False where only the latest failures of that time were looked at, because there were too many. */
  readonly complete: boolean;
  @ApiProperty({ type: [FailureGroupDto] })
  readonly items: readonly FailureGroupDto[];

  constructor(body: FailuresDto) {
    this.since = body.since;
    this.until = body.until;
    this.step_seconds = body.step_seconds;
    this.failures = body.failures;
    this.causes = body.causes;
    this.complete = body.complete;
    this.items = body.items;
  }
}
