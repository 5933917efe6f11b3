import { ApiProperty } from '@nestjs/swagger';
import type { TaskSummary } from '../core/task.js';
import { epochSeconds, isoTime } from './iso-time.js';
import { ItemDto } from './item.dto.js';

/** A task that runs now. */
export class ActiveTaskDto extends ItemDto {
  /** null where the engine does not tell who runs it. */
  readonly worker: string | null;
  readonly task_id: string;
  readonly task_name: string | null;
  /** Epoch seconds. */
  readonly time_start: number | null;
  readonly queue: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly sent_at: string | null;
  /** Attempts started so far, this one included. */
  readonly attempts: number | null;

  constructor(task: TaskSummary) {
    super(task);
    this.worker = task.worker;
    this.task_id = task.id;
    this.task_name = task.name;
    this.time_start = epochSeconds(task.startedAt);
    this.queue = task.queue;
    this.sent_at = isoTime(task.sentAt);
    this.attempts = task.attempts;
  }
}
