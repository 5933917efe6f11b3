import { ApiProperty } from '@nestjs/swagger';
import type { Capability } from '../core/queue-engine.js';
import type { ScheduleActionKind, ScheduleActionReport } from '../core/schedule-action.js';
import type { Source } from '../core/source.js';
import { ItemDto, itemOf } from '../http/item.dto.js';
import { NumberField, TextField } from '../http/query-fields.js';
import { keptInBroker } from './listed-schedule.js';
import { ScheduleItemDto } from './schedule-item.dto.js';

const TEN_YEARS = 10 * 365 * 24 * 3600;

/** Exactly one of `cron` and `every_seconds`. */
export class EditScheduleBodyDto {
  @TextField({
    description: 'Cron expression, of five parts or six with seconds first',
    maxLength: 256,
    example: '0 3 * * *',
  })
  readonly cron?: string;

  @NumberField({ description: 'Run every so many seconds', minimum: 0.001, maximum: TEN_YEARS, example: 300 })
  readonly every_seconds?: number;

  @TextField({
    description: 'With `cron`: the zone it is meant in; as it was where it is left out',
    maxLength: 64,
    example: 'Europe/Berlin',
  })
  readonly time_zone?: string;
}

export const SCHEDULE_ACTIONS = ['remove', 'run', 'edit'] as const satisfies readonly ScheduleActionKind[];

/** What was done to a schedule, and what was found afterwards. */
export class ScheduleActionReportDto extends ItemDto {
  readonly schedule_id: string;
  readonly queue: string;
  @ApiProperty({ enum: [...SCHEDULE_ACTIONS], enumName: 'ScheduleAction' })
  readonly action: ScheduleActionKind;
  /** What was done, in one sentence. */
  readonly message: string;
  /** Id of the task that was enqueued; null for actions that enqueue none. */
  readonly task_id: string | null;
  readonly before: ScheduleItemDto;
  /** null: it is gone. */
  @ApiProperty({ type: ScheduleItemDto, nullable: true })
  readonly after: ScheduleItemDto | null;

  constructor(
    source: Source,
    action: ScheduleActionKind,
    report: ScheduleActionReport,
    capabilities: ReadonlySet<Capability>,
  ) {
    super(itemOf(source));
    this.schedule_id = `${report.queue}:${report.id}`;
    this.queue = report.queue;
    this.action = action;
    this.message = report.message;
    this.task_id = report.taskId;
    const { queue, before, after } = report;
    this.before = new ScheduleItemDto(source, keptInBroker(queue, before), capabilities);
    this.after = after && new ScheduleItemDto(source, keptInBroker(queue, after), capabilities);
  }
}
