import { ApiProperty } from '@nestjs/swagger';
import { SourceStateDto } from '../http/source-state.dto.js';
import { WorkerDto } from './worker.dto.js';

/** The workers of all sources, those that have lately gone included. */
export class WorkersStatusDto {
  @ApiProperty({ type: String, format: 'date-time' })
  readonly timestamp: string;
  /** Exact number of workers known, also of those beyond the limit. */
  readonly total_workers: number;
  /** How many of them are up. */
  readonly workers_up: number;
  @ApiProperty({ type: [WorkerDto] })
  readonly workers: readonly WorkerDto[];
  /** True where `workers` holds less than there are. */
  readonly truncated: boolean;
  @ApiProperty({ type: [SourceStateDto] })
  readonly sources: readonly SourceStateDto[];

  constructor(status: WorkersStatusDto) {
    this.timestamp = status.timestamp;
    this.total_workers = status.total_workers;
    this.workers_up = status.workers_up;
    this.workers = status.workers;
    this.truncated = status.truncated;
    this.sources = status.sources;
  }
}
