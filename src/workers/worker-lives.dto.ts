import { ApiProperty } from '@nestjs/swagger';
import type { WorkerLife } from '../core/history-store.js';
import { WORKER_ENDS } from '../core/history-store.js';
import { isoTime } from '../http/iso-time.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { WholeNumberField } from '../http/query-fields.js';

export class WorkerLivesQueryDto extends SourceQueryDto {
  @WholeNumberField({ description: 'At most so many, the latest', minimum: 1, maximum: 500, default: 50 })
  readonly limit: number = 50;
}

/** One process that had the name. */
export class WorkerLifeDto {
  readonly source: string;
  readonly pid: number | null;
  readonly host: string | null;
  /** @example 'celery 5.6.3' */
  readonly software: string | null;
  /** When it was first heard of. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly since: string | null;
  /** By its own word; null where it did not tell. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly started_at: string | null;
  /** Of one that lives, within the last minute. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly last_seen_at: string | null;
  /** null while it lives. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly ended_at: string | null;
  /** offline: it said goodbye. lost: it went without. replaced: another process has its name. null while it lives. */
  @ApiProperty({ type: String, enum: [...WORKER_ENDS], nullable: true })
  readonly ended: WorkerLife['ended'];

  constructor(life: WorkerLife) {
    this.source = life.source;
    this.pid = life.pid;
    this.host = life.host;
    this.software = life.software;
    this.since = isoTime(life.since);
    this.started_at = isoTime(life.startedAt);
    this.last_seen_at = isoTime(life.seenAt);
    this.ended_at = isoTime(life.endedAt);
    this.ended = life.ended;
  }
}

export class WorkerLivesDto {
  /** The latest first. */
  @ApiProperty({ type: [WorkerLifeDto] })
  readonly items: readonly WorkerLifeDto[];
  /** There were earlier ones. */
  readonly truncated: boolean;
  /** False where nothing is stored, or it cannot be read now: then `items` is empty and says nothing. */
  readonly history: boolean;

  constructor(lives: readonly WorkerLife[] | null, limit: number) {
    this.items = (lives ?? []).slice(0, limit).map((life) => new WorkerLifeDto(life));
    this.truncated = (lives?.length ?? 0) > limit;
    this.history = lives !== null;
  }
}
