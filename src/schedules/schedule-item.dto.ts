import { ApiProperty } from '@nestjs/swagger';
import type { Capability } from '../core/queue-engine.js';
import type { Source } from '../core/source.js';
import { isoTime, seconds } from '../http/iso-time.js';
import { ItemDto, itemOf } from '../http/item.dto.js';
import { SourceStateDto } from '../http/source-state.dto.js';
import { addressOf, KEPT_IN, type KeptIn, type ListedSchedule } from './listed-schedule.js';

export const SCHEDULE_CAPABILITIES = [
  'remove-schedule',
  'run-schedule',
  'edit-schedule',
] as const satisfies readonly Capability[];

/** A repeating task, with the queue it belongs to. A Celery one is what the workers' application configures for beat: what runs it, nobody tells. */
export class ScheduleItemDto extends ItemDto {
  /**
   * What it is addressed by.
   * @example 'reports:nightly'
   */
  readonly id: string;
  /** null where its entry names none. */
  @ApiProperty({ type: String, nullable: true })
  readonly queue: string | null;
  @ApiProperty({ enum: [...KEPT_IN], enumName: 'ScheduleKeptIn' })
  readonly kept_in: KeptIn;
  /** Its id within its queue, as the engine keeps it. */
  readonly key: string;
  /** Name of the task it runs. */
  readonly name: string;
  /** Cron expression; null where it repeats every so many seconds. */
  readonly cron: string | null;
  readonly every_seconds: number | null;
  /** When it repeats in the engine's own words, where it is neither of the two. */
  @ApiProperty({ type: String, nullable: true })
  readonly told: string | null;
  readonly time_zone: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly next_at: string | null;
  /** When its last run began; null where it has not run yet, or nothing tells. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly last_at: string | null;
  /** The next run is overdue and nothing in the queue stands for it: it will never run again by itself; null where nobody tells. */
  @ApiProperty({ type: Boolean, nullable: true })
  readonly missed: boolean | null;
  /** Runs that should have begun by now and did not; null where a cron expression would have to be counted. */
  readonly missed_runs: number | null;
  /** What can be done to it. */
  @ApiProperty({ enum: [...SCHEDULE_CAPABILITIES], enumName: 'ScheduleCapability', isArray: true })
  readonly capabilities: readonly (typeof SCHEDULE_CAPABILITIES)[number][];

  constructor(source: Source, schedule: ListedSchedule, capabilities: ReadonlySet<Capability>) {
    super(itemOf(source));
    this.id = addressOf(schedule);
    this.queue = schedule.queue;
    this.kept_in = schedule.keptIn;
    this.key = schedule.id;
    this.name = schedule.name;
    this.cron = schedule.cron;
    this.every_seconds = seconds(schedule.everyMs);
    this.told = schedule.told;
    this.time_zone = schedule.timeZone;
    this.next_at = isoTime(schedule.nextAt);
    this.last_at = isoTime(schedule.lastAt);
    this.missed = schedule.missed;
    this.missed_runs = schedule.missedRuns;
    this.capabilities = SCHEDULE_CAPABILITIES.filter(
      (known) =>
        schedule.keptIn === 'broker' &&
        capabilities.has(known) &&
        (known !== 'edit-schedule' || schedule.editable !== false),
    );
  }
}

/** The repeating tasks of all sources that keep theirs in the broker. */
export class SchedulesDto {
  @ApiProperty({ type: String, format: 'date-time' })
  readonly timestamp: string;
  @ApiProperty({ type: [ScheduleItemDto] })
  readonly items: readonly ScheduleItemDto[];
  /** Of how many `items` was cut from. */
  readonly total: number;
  @ApiProperty({ type: [SourceStateDto] })
  readonly sources: readonly SourceStateDto[];

  constructor(said: SchedulesDto) {
    this.timestamp = said.timestamp;
    this.items = said.items;
    this.total = said.total;
    this.sources = said.sources;
  }
}
