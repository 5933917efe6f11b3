import { ApiProperty } from '@nestjs/swagger';
import type { Queue } from '../core/queue.js';
import { SourceStateDto } from '../http/source-state.dto.js';
import { sum } from '../http/sum.js';
import { QueueDto } from './queue.dto.js';

/** Sums over all queues, also over those beyond the limit. null where one of them cannot know. */
export class QueuesSummaryDto {
  readonly queues: number;
  /** Tasks waiting for a worker. */
  readonly length: number;
  readonly active: number | null;
  readonly delayed: number | null;
  readonly unacknowledged: number | null;

  constructor(queues: readonly Queue[]) {
    this.queues = queues.length;
    this.length = queues.reduce((total, queue) => total + queue.length, 0);
    this.active = sum(queues.map((queue) => queue.active));
    this.delayed = sum(queues.map((queue) => queue.delayed));
    this.unacknowledged = sum(queues.map((queue) => queue.unacknowledged));
  }
}

/** The queues of all sources. */
export class QueuesStatusDto {
  @ApiProperty({ type: String, format: 'date-time' })
  readonly timestamp: string;
  readonly summary: QueuesSummaryDto;
  @ApiProperty({ type: [QueueDto] })
  readonly queues: readonly QueueDto[];
  /** True where `queues` holds less than there are. */
  readonly truncated: boolean;
  @ApiProperty({ type: [SourceStateDto] })
  readonly sources: readonly SourceStateDto[];

  constructor(status: QueuesStatusDto) {
    this.timestamp = status.timestamp;
    this.summary = status.summary;
    this.queues = status.queues;
    this.truncated = status.truncated;
    this.sources = status.sources;
  }
}
