import { ApiProperty } from '@nestjs/swagger';
import type { TaskSummary } from '../core/task.js';
import { isoTime } from '../http/iso-time.js';
import { ItemDto } from '../http/item.dto.js';

/** A task that has not started. */
export class WaitingTaskDto extends ItemDto {
  /** Who holds it; null where it waits in the broker. */
  readonly worker: string | null;
  readonly task_id: string;
  readonly task_name: string | null;
  readonly queue: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly sent_at: string | null;

  constructor(task: TaskSummary) {
    super(task);
    this.worker = task.worker;
    this.task_id = task.id;
    this.task_name = task.name;
    this.queue = task.queue;
    this.sent_at = isoTime(task.sentAt);
  }
}

/** A task that waits for a time. */
export class ScheduledTaskDto extends WaitingTaskDto {
  /** Not to be run before. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly eta: string | null;

  constructor(task: TaskSummary) {
    super(task);
    this.eta = isoTime(task.eta);
  }
}
