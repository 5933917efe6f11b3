import { ApiProperty } from '@nestjs/swagger';
import { type QueuePeek, UNREADABLE, type WaitingTask } from '../core/queue-peek.js';
import { AnyJson } from '../http/any-json.decorator.js';
import { isoTime } from '../http/iso-time.js';
import { ItemDto } from '../http/item.dto.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { WholeNumberField } from '../http/query-fields.js';

export class QueuePeekQueryDto extends SourceQueryDto {
  @WholeNumberField({ description: 'At most so many tasks', minimum: 1, maximum: 50, default: 20 })
  readonly limit: number = 20;

  @WholeNumberField({
    description:
      'Place of the first of them in the order in which workers take them; 0 is the next. As tasks are taken and added all the time, one may show on two pages, or on none.',
    minimum: 0,
    maximum: 1_000_000_000,
    default: 0,
  })
  readonly offset: number = 0;
}

/** A task as it lies in its queue. null: its message does not say. */
export class QueuedTaskDto {
  readonly task_id: string | null;
  readonly task_name: string | null;
  /** Why the payload is not shown; null where it is. */
  @ApiProperty({ type: String, enum: [...UNREADABLE], nullable: true })
  readonly unreadable: WaitingTask['unreadable'];
  @AnyJson()
  readonly args: unknown;
  @AnyJson()
  readonly kwargs: unknown;
  readonly priority: number | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly sent_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly eta: string | null;
  /** It is thrown away when it is taken after this. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly expires_at: string | null;
  /** Attempts that it has behind it. */
  readonly attempts: number | null;
  /** It was in the hands of a worker before. */
  readonly redelivered: boolean;
  readonly bytes: number;

  constructor(task: WaitingTask, payloadsVisible: boolean) {
    this.task_id = task.id;
    this.task_name = task.name;
    this.unreadable = task.unreadable;
    this.args = payloadsVisible ? (task.args ?? null) : null;
    this.kwargs = payloadsVisible ? (task.kwargs ?? null) : null;
    this.priority = task.priority;
    this.sent_at = isoTime(task.sentAt);
    this.eta = isoTime(task.eta);
    this.expires_at = isoTime(task.expiresAt);
    this.attempts = task.attempts;
    this.redelivered = task.redelivered;
    this.bytes = task.bytes;
  }
}

/** Some tasks of a queue, in the order in which workers will take them. */
export class QueuePeekDto extends ItemDto {
  readonly queue: string;
  /** How many wait in all. */
  readonly total: number;
  /** Place of the first item; 0 is the next to be taken. */
  @ApiProperty({ type: 'integer' })
  readonly offset: number;
  /** False where args and kwargs were left out because the caller may not see payloads. */
  readonly payloads_visible: boolean;
  @ApiProperty({ type: [QueuedTaskDto] })
  readonly items: readonly QueuedTaskDto[];

  constructor(
    queue: { readonly source: string; readonly engine: ItemDto['engine']; readonly name: string },
    peek: QueuePeek,
    offset: number,
    payloadsVisible: boolean,
  ) {
    super(queue);
    this.queue = queue.name;
    this.total = peek.total;
    this.offset = offset;
    this.payloads_visible = payloadsVisible;
    this.items = peek.tasks.map((task) => new QueuedTaskDto(task, payloadsVisible));
  }
}
