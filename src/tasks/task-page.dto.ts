import { ApiProperty } from '@nestjs/swagger';
import { TaskSummaryDto } from './task-summary.dto.js';

/** One page of a search. */
export class TaskPageDto {
  @ApiProperty({ type: [TaskSummaryDto] })
  readonly items: readonly TaskSummaryDto[];
  /** Give it as `cursor`, with the same other parameters, to read on; null on the last page. */
  readonly next_cursor: string | null;
  /** Exact number of tasks that match, over all pages. */
  readonly total: number;

  constructor(items: readonly TaskSummaryDto[], nextCursor: string | null, total: number) {
    this.items = items;
    this.next_cursor = nextCursor;
    this.total = total;
  }
}
