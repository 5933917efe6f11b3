import { ApiProperty } from '@nestjs/swagger';
import { isUnattended, type PriorityLength, type Queue, type QueueLimits, type Schedule } from '../core/queue.js';
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

/** Tasks that may start within each period, whichever worker takes them. */
export class QueueRateDto {
  readonly tasks: number;
  readonly period_seconds: number;

  constructor(rate: NonNullable<QueueLimits['rate']>) {
    this.tasks = rate.tasks;
    this.period_seconds = rate.periodMs / 1000;
  }
}

/** What holds back the workers of a queue, as the broker keeps it. A limit that only a worker's code knows is not among it. */
export class QueueLimitsDto {
  /** Tasks that all workers together may run at once; null: no such limit is set. */
  readonly concurrency: number | null;
  /** null: no such limit is set. */
  @ApiProperty({ type: QueueRateDto, nullable: true })
  readonly rate: QueueRateDto | null;
  /** Nothing starts for so long, because a rate is used up; 0 where nothing is held back, null where a worker's own limit may do so. */
  readonly held_back_seconds: number | null;

  constructor(limits: QueueLimits) {
    this.concurrency = limits.concurrency;
    this.rate = limits.rate === null ? null : new QueueRateDto(limits.rate);
    this.held_back_seconds = seconds(limits.heldBackMs);
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
  /** When its last run began; null where it has not run yet, or nothing tells. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly last_at: string | null;
  /** The next run is overdue and nothing in the queue stands for it: it will never run again by itself. */
  readonly missed: boolean;
  /** Runs that should have begun by now and did not; null where a cron expression would have to be counted. */
  readonly missed_runs: number | null;

  constructor(schedule: Schedule) {
    this.id = schedule.id;
    this.name = schedule.name;
    this.cron = schedule.cron;
    this.every_seconds = seconds(schedule.everyMs);
    this.time_zone = schedule.timeZone;
    this.next_at = isoTime(schedule.nextAt);
    this.last_at = isoTime(schedule.lastAt);
    this.missed = schedule.missed;
    this.missed_runs = schedule.missedRuns;
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
  /** Parents that wait for their children to end; not among `length`. */
  readonly waiting_children: number | null;
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
  @ApiProperty({ type: QueueLimitsDto, nullable: true })
  readonly limits: QueueLimitsDto | null;

  constructor(queue: Queue) {
    super(queue);
    this.name = queue.name;
    this.length = queue.length;
    this.by_priority = queue.byPriority?.map((entry) => new PriorityLengthDto(entry)) ?? null;
    this.active = queue.active;
    this.delayed = queue.delayed;
    this.waiting_children = queue.waitingChildren;
    this.unacknowledged = queue.unacknowledged;
    this.orphaned = queue.orphaned;
    this.kept = queue.kept === null ? null : new KeptTasksDto(queue.kept);
    this.consumers = queue.consumers;
    this.unattended = isUnattended(queue);
    this.oldest_waiting_seconds = queue.oldestWaitingSeconds;
    this.paused = queue.paused;
    this.limits = queue.limits === null ? null : new QueueLimitsDto(queue.limits);
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
