import { ApiProperty } from '@nestjs/swagger';
import type { Source } from '../core/source.js';
import type { SentTask } from '../core/task-sending.js';
import { JsonListInBody, JsonObjectInBody, TextInBody } from '../http/body-fields.js';
import { isoTime } from '../http/iso-time.js';
import { ItemDto, itemOf } from '../http/item.dto.js';
import { MAX_NAME_LENGTH } from '../http/list-query.dto.js';
import { NumberField } from '../http/query-fields.js';
import { LONGEST_ARGUMENTS } from './task-action.dto.js';

export const YEAR_SECONDS = 365 * 24 * 3600;

export class TaskOrderDto {
  @TextInBody({ description: 'Name of the task', maxLength: MAX_NAME_LENGTH, example: 'app.tasks.train_model' })
  readonly name: string;

  @TextInBody({ description: 'A queue that the source knows', maxLength: MAX_NAME_LENGTH, example: 'celery' })
  readonly queue: string;

  @JsonListInBody({ description: 'Positional arguments', maxItems: LONGEST_ARGUMENTS, optional: true })
  readonly args?: readonly unknown[];

  @JsonObjectInBody({ description: 'Named arguments', optional: true })
  readonly kwargs?: Readonly<Record<string, unknown>>;

  @NumberField({
    description: 'Not to be run before so many seconds from now',
    minimum: 0,
    maximum: YEAR_SECONDS,
    default: 0,
  })
  readonly delay_seconds: number = 0;

  @TextInBody({
    description:
      'Not to be run before this time, instead of `delay_seconds`: ISO 8601, UTC where it names no zone. One that has passed means at once',
    maxLength: 40,
    example: '2026-01-02T10:30:00Z',
    optional: true,
  })
  readonly eta?: string;

  constructor() {
    this.name = '';
    this.queue = '';
  }
}

/** A task that the broker has taken. Whether a worker knows a task of that name is seen when it runs. */
export class SentTaskDto extends ItemDto {
  readonly task_id: string;
  readonly name: string;
  readonly queue: string;
  /** null: at once. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly eta: string | null;

  constructor(sent: SentTask & { readonly source: Source }) {
    super(itemOf(sent.source));
    this.task_id = sent.id;
    this.name = sent.name;
    this.queue = sent.queue;
    this.eta = isoTime(sent.eta);
  }
}
