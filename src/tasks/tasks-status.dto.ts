import { ApiProperty } from '@nestjs/swagger';
import { ActiveTaskDto } from '../http/active-task.dto.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { WholeNumberField } from '../http/query-fields.js';
import { SourceStateDto } from '../http/source-state.dto.js';
import { ScheduledTaskDto, WaitingTaskDto } from './waiting-task.dto.js';

export class TasksStatusQueryDto extends SourceQueryDto {
  @WholeNumberField({ description: 'At most so many tasks per list', minimum: 0, maximum: 500, default: 100 })
  readonly limit: number = 100;
}

/** Exact counts, whatever the lists were cut to. null where no source that has been heard of can tell. */
export class TasksCountDto {
  readonly active: number | null;
  /** Waiting for a worker. */
  readonly reserved: number | null;
  /** Waiting for a time. */
  readonly scheduled: number | null;
  /** All three. */
  readonly total_pending: number | null;

  constructor(counts: TasksCountDto) {
    this.active = counts.active;
    this.reserved = counts.reserved;
    this.scheduled = counts.scheduled;
    this.total_pending = counts.total_pending;
  }
}

/** Whether a list holds less than there is. null where the source cannot count. */
export class TruncatedListsDto {
  readonly active_tasks: boolean | null;
  readonly reserved_tasks: boolean | null;
  readonly scheduled_tasks: boolean | null;

  constructor(lists: TruncatedListsDto) {
    this.active_tasks = lists.active_tasks;
    this.reserved_tasks = lists.reserved_tasks;
    this.scheduled_tasks = lists.scheduled_tasks;
  }
}

/** What runs and what waits, over all sources. */
export class TasksStatusDto {
  @ApiProperty({ type: String, format: 'date-time' })
  readonly timestamp: string;
  readonly summary: TasksCountDto;
  /** The longest running first. */
  @ApiProperty({ type: [ActiveTaskDto] })
  readonly active_tasks: readonly ActiveTaskDto[];
  /** The longest waiting first. */
  @ApiProperty({ type: [WaitingTaskDto] })
  readonly reserved_tasks: readonly WaitingTaskDto[];
  /** The next to be due first. */
  @ApiProperty({ type: [ScheduledTaskDto] })
  readonly scheduled_tasks: readonly ScheduledTaskDto[];
  readonly truncated: TruncatedListsDto;
  /** Names of the workers that are up. */
  @ApiProperty({ type: [String] })
  readonly workers: readonly string[];
  @ApiProperty({ type: [SourceStateDto] })
  readonly sources: readonly SourceStateDto[];

  constructor(status: TasksStatusDto) {
    this.timestamp = status.timestamp;
    this.summary = status.summary;
    this.active_tasks = status.active_tasks;
    this.reserved_tasks = status.reserved_tasks;
    this.scheduled_tasks = status.scheduled_tasks;
    this.truncated = status.truncated;
    this.workers = status.workers;
    this.sources = status.sources;
  }
}
