import { ApiProperty } from '@nestjs/swagger';
import { SourceStateDto } from '../http/source-state.dto.js';
import { TaskSummaryDto } from '../http/task-summary.dto.js';

/** Kinds of answers that may differ from one tick to the next. */
export const LIVE_KINDS = ['tasks', 'workers', 'queues', 'schedules', 'sources'] as const;
export type LiveKind = (typeof LIVE_KINDS)[number];

/** What happened in one tick, in numbers of attempts. */
export class LiveCountsDto {
  readonly sent: number;
  readonly started: number;
  readonly success: number;
  readonly failure: number;
  readonly retry: number;
  readonly revoked: number;
  readonly rejected: number;

  constructor(counts: LiveCountsDto) {
    this.sent = counts.sent;
    this.started = counts.started;
    this.success = counts.success;
    this.failure = counts.failure;
    this.retry = counts.retry;
    this.revoked = counts.revoked;
    this.rejected = counts.rejected;
  }
}

/** What has changed since the tick before: the same bytes for every reader. */
export class LiveTickDto {
  /** Also the id of the event: given back as `Last-Event-ID`, the stream goes on after it. */
  readonly id: string;
  @ApiProperty({ type: String, format: 'date-time' })
  readonly at: string;
  /** True where ticks were lost, or this is the first: whatever was asked for before has to be asked for again. */
  readonly reset: boolean;
  /** What would now be answered differently. */
  @ApiProperty({ enum: [...LIVE_KINDS], enumName: 'LiveKind', isArray: true })
  readonly changed: readonly LiveKind[];
  /** Tasks that changed, as they are now. Bounded. */
  @ApiProperty({ type: [TaskSummaryDto] })
  readonly tasks: readonly TaskSummaryDto[];
  /** Changes of further tasks, which are not in `tasks`. */
  readonly tasks_left_out: number;
  readonly counts: LiveCountsDto;
  /** How old the data of each source is. */
  @ApiProperty({ type: [SourceStateDto] })
  readonly sources: readonly SourceStateDto[];

  constructor(tick: LiveTickDto) {
    this.id = tick.id;
    this.at = tick.at;
    this.reset = tick.reset;
    this.changed = tick.changed;
    this.tasks = tick.tasks;
    this.tasks_left_out = tick.tasks_left_out;
    this.counts = tick.counts;
    this.sources = tick.sources;
  }
}
