import { ApiProperty } from '@nestjs/swagger';
import { isUnattended, type PriorityLength, type Queue, type Schedule } from '../core/queue.js';
import { isoTime, seconds } from '../http/iso-time.js';
import { ItemDto } from '../http/item.dto.js';

export class PriorityLengthDto {
  /** As the engine numbers it; null for tasks without one. */
  readonly priority: number | null;
  readonly length: number;

  constructor(entry: PriorityLength) {
    this.priority = entry.priority;
    this.length = entry.length;
  }
}

/** Finished tasks that the broker still keeps: falls when they are cleaned. */
export class KeptTasksDto {
  readonly succeeded: number;
  readonly failed: number;

  constructor(kept: NonNullable<Queue['kept']>) {
    this.succeeded = kept.succeeded;
    this.failed = kept.failed;
  }
}

/** A repeating task. */
export class ScheduleDto {
  readonly id: string;
  readonly name: string;
  /** Cron expression; null where it repeats every so many seconds. */
  readonly cron: string | null;
  readonly every_seconds: number | null;
  readonly time_zone: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly next_at: string | null;
  /** The next run is overdue and nothing in the queue stands for it: it will never run again by itself. */
  readonly missed: boolean;

  constructor(schedule: Schedule) {
    this.id = schedule.id;
    this.name = schedule.name;
    this.cron = schedule.cron;
    this.every_seconds = seconds(schedule.everyMs);
    this.time_zone = schedule.timeZone;
    this.next_at = isoTime(schedule.nextAt);
    this.missed = schedule.missed;
  }
}

/** A queue in numbers. null means that the engine cannot know. */
export class QueueDto extends ItemDto {
  readonly name: string;
  /** Tasks in the broker waiting for a worker, the paused and the prioritised included. */
  readonly length: number;
  @ApiProperty({ type: [PriorityLengthDto], nullable: true })
  readonly by_priority: readonly PriorityLengthDto[] | null;
  readonly active: number | null;
  /** Waiting for a time. */
  readonly delayed: number | null;
  readonly unacknowledged: number | null;
  /** Active tasks whose worker is gone. */
  readonly orphaned: number | null;
  @ApiProperty({ type: KeptTasksDto, nullable: true })
  readonly kept: KeptTasksDto | null;
  readonly consumers: number | null;
  /** Tasks wait, and nobody takes them; null where the engine cannot know who takes. */
  readonly unattended: boolean | null;
  /** How long the oldest waiting task has waited; null also where none waits. */
  readonly oldest_waiting_seconds: number | null;
  readonly paused: boolean | null;

  constructor(queue: Queue) {
    super(queue);
    this.name = queue.name;
    this.length = queue.length;
    this.by_priority = queue.byPriority?.map((entry) => new PriorityLengthDto(entry)) ?? null;
    this.active = queue.active;
    this.delayed = queue.delayed;
    this.unacknowledged = queue.unacknowledged;
    this.orphaned = queue.orphaned;
    this.kept = queue.kept === null ? null : new KeptTasksDto(queue.kept);
    this.consumers = queue.consumers;
    this.unattended = isUnattended(queue);
    this.oldest_waiting_seconds = queue.oldestWaitingSeconds;
    this.paused = queue.paused;
  }
}

/** A queue with its repeating tasks. */
export class QueueDetailDto extends QueueDto {
  /** null where the engine keeps none in the broker. */
  @ApiProperty({ type: [ScheduleDto], nullable: true })
  readonly schedules: readonly ScheduleDto[] | null;
  /** When the queue was looked at. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly as_of: string | null;

  constructor(queue: Queue, at: number | null) {
    super(queue);
    this.schedules = queue.schedules?.map((schedule) => new ScheduleDto(schedule)) ?? null;
    this.as_of = isoTime(at);
  }
}
