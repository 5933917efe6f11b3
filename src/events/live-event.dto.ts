import { ApiProperty } from '@nestjs/swagger';
import type { Source } from '../core/source.js';
import { TASK_STATES, type TaskState } from '../core/task.js';
import type { Transition } from '../core/transition.js';
import { isoTime, seconds } from '../http/iso-time.js';
import { ItemDto, itemOf } from '../http/item.dto.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { TextField } from '../http/query-fields.js';
import { TaskErrorDto } from '../http/task-error.dto.js';

export const MAX_FILTER_LENGTH = 512;

export class EventsQueryDto extends SourceQueryDto {
  @TextField({ description: 'The whole task name, or its beginning followed by `*`', maxLength: MAX_FILTER_LENGTH })
  readonly name?: string;

  @TextField({ description: 'Name of the queue', maxLength: MAX_FILTER_LENGTH })
  readonly queue?: string;

  @TextField({ description: 'Name of the worker', maxLength: MAX_FILTER_LENGTH })
  readonly worker?: string;
}

/** Something that has become known about a task: one `data:` line of the stream. */
export class LiveEventDto extends ItemDto {
  /** When it happened. */
  @ApiProperty({ type: String, format: 'date-time' })
  readonly at: string | null;
  /** sent, received, requeued, started, or how the attempt ended: success, failure, retry, revoked, rejected. */
  readonly event: string;
  readonly task_id: string;
  readonly task_name: string | null;
  readonly queue: string | null;
  readonly worker: string | null;
  /** Of the task, after the event. */
  @ApiProperty({ enum: [...TASK_STATES], enumName: 'TaskState' })
  readonly state: TaskState;
  /** Of an attempt that has ended. */
  readonly runtime_seconds: number | null;
  @ApiProperty({ type: TaskErrorDto, nullable: true })
  readonly error: TaskErrorDto | null;

  constructor(source: Source, { kind, task, event, outcome, ms }: Transition) {
    super(itemOf(source));
    this.at = isoTime(event.at);
    this.event = outcome ?? kind;
    this.task_id = task.id;
    this.task_name = task.name;
    this.queue = task.queue;
    this.worker = task.worker;
    this.state = task.state;
    this.runtime_seconds = kind === 'finished' ? seconds(event.runtimeMs ?? ms) : null;
    this.error = TaskErrorDto.of(event.error);
  }
}
