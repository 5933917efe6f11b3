import { ApiProperty } from '@nestjs/swagger';
import type { Source } from '../core/source.js';
import { TASK_STAGES, TASK_STATES, type TaskStage, type TaskState } from '../core/task.js';
import type { TaskActionReport, TaskPlace } from '../core/task-action.js';
import { JsonListInBody, JsonObjectInBody } from '../http/body-fields.js';
import { isoTime } from '../http/iso-time.js';
import { ItemDto, itemOf } from '../http/item.dto.js';
import { BooleanField, NumberField, WholeNumberField } from '../http/query-fields.js';

const TEN_YEARS = 10 * 365 * 24 * 3600;
/** BullMQ's own bound. */
const MAX_PRIORITY = 2_097_151;

export const LONGEST_ARGUMENTS = 1_000;

export class RetryBodyDto {
  @BooleanField({ description: 'Count its attempts anew; otherwise it gets one more', default: false })
  readonly reset_attempts: boolean = false;

  @JsonListInBody({
    description: 'Celery: positional arguments in place of the original ones',
    maxItems: LONGEST_ARGUMENTS,
    optional: true,
  })
  readonly args?: readonly unknown[];

  @JsonObjectInBody({ description: 'Celery: named arguments in place of all the original ones', optional: true })
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

/** Exactly one of them. */
export class ChangeTaskBodyDto {
  @NumberField({ description: 'Let it wait so long from now', minimum: 0, maximum: TEN_YEARS, example: 90 })
  readonly delay_seconds?: number;

  @WholeNumberField({
    description:
      'Its new priority, as the engine numbers them: in BullMQ 1 is the most urgent, and 0 is none and goes before all',
    minimum: 0,
    maximum: MAX_PRIORITY,
  })
  readonly priority?: number;
}

/** Where a task is, as the broker stores it. */
export class TaskPlaceDto {
  @ApiProperty({ enum: [...TASK_STATES], enumName: 'TaskState' })
  readonly state: TaskState;
  @ApiProperty({ enum: [...TASK_STAGES], enumName: 'TaskStage' })
  readonly stage: TaskStage;
  /** When it is due; null where it waits for no time. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly eta: string | null;
  readonly priority: number | null;

  constructor(place: TaskPlace) {
    this.state = place.state;
    this.stage = place.stage;
    this.eta = isoTime(place.eta);
    this.priority = place.priority;
  }
}

export const TASK_ACTIONS = ['retry', 'promote', 'remove', 'delay', 'priority'] as const;

/** What was done to a task, and what was found afterwards. A refusal is a problem document of status 409 instead. */
export class TaskActionReportDto extends ItemDto {
  readonly task_id: string;
  @ApiProperty({ enum: [...TASK_ACTIONS], enumName: 'TaskAction' })
  readonly action: (typeof TASK_ACTIONS)[number];
  /** What was done, in one sentence. */
  readonly message: string;
  readonly before: TaskPlaceDto;
  /** Where the engine ran it again as a task of its own, that one's id; null: it is still the same task. */
  readonly new_task_id: string | null;
  /** null: the broker no longer holds it. */
  @ApiProperty({ type: TaskPlaceDto, nullable: true })
  readonly after: TaskPlaceDto | null;

  constructor(action: (typeof TASK_ACTIONS)[number], report: TaskActionReport & { readonly source: Source }) {
    super(itemOf(report.source));
    this.task_id = report.id;
    this.action = action;
    this.message = report.message;
    this.new_task_id = report.newId ?? null;
    this.before = new TaskPlaceDto(report.before);
    this.after = report.after && new TaskPlaceDto(report.after);
  }
}
