import { ApiProperty } from '@nestjs/swagger';
import { TASK_STATES, type TaskState, type TaskSummary } from '../core/task.js';
import { isoTime, seconds } from './iso-time.js';
import { ItemDto } from './item.dto.js';
import { TaskErrorDto } from './task-error.dto.js';

/** A task as lists show it. */
export class TaskSummaryDto extends ItemDto {
  /**
   * Celery: the uuid. Bull and BullMQ: `<queue>:<job id>`.
   * @example 'training:42'
   */
  readonly task_id: string;
  readonly task_name: string | null;
  readonly queue: string | null;
  @ApiProperty({ enum: [...TASK_STATES], enumName: 'TaskState' })
  readonly state: TaskState;
  readonly worker: string | null;
  /** When it was enqueued. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly sent_at: string | null;
  /** Not to be run before. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly eta: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly started_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly finished_at: string | null;
  /** Run time of the last finished attempt. */
  readonly runtime_seconds: number | null;
  /** Attempts started so far. */
  readonly attempts: number | null;
  @ApiProperty({ type: TaskErrorDto, nullable: true })
  readonly error: TaskErrorDto | null;

  constructor(task: TaskSummary) {
    super(task);
    this.task_id = task.id;
    this.task_name = task.name;
    this.queue = task.queue;
    this.state = task.state;
    this.worker = task.worker;
    this.sent_at = isoTime(task.sentAt);
    this.eta = isoTime(task.eta);
    this.started_at = isoTime(task.startedAt);
    this.finished_at = isoTime(task.finishedAt);
    this.runtime_seconds = seconds(task.runtimeMs);
    this.attempts = task.attempts;
    this.error = TaskErrorDto.of(task.error);
  }
}
