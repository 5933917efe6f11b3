import { ApiProperty } from '@nestjs/swagger';
import type { ArchivePage } from '../history/task-archive.js';
import { TaskSummaryDto } from '../http/task-summary.dto.js';

/** One page of a search. */
export class TaskPageDto {
  @ApiProperty({ type: [TaskSummaryDto] })
  readonly items: readonly TaskSummaryDto[];
  /** Give it as `cursor`, with the same other parameters, to read on; null on the last page. */
  readonly next_cursor: string | null;
  /** Number of tasks that match, over all pages. */
  readonly total: number;
  /** False where `total` is an estimate: counted among the latest tasks and extrapolated, or tasks are on their way to the history. */
  readonly total_exact: boolean;
  /** False where the search has used up its time before the page was full: `next_cursor` goes on from where it has got to. */
  readonly complete: boolean;
  /** Whether the history was searched too; false where there is none, it cannot be reached, or the order is by name. */
  readonly history: boolean;

  constructor(page: ArchivePage, nextCursor: string | null) {
    this.items = page.items.map((task) => new TaskSummaryDto(task));
    this.next_cursor = nextCursor;
    this.total = page.total;
    this.total_exact = page.totalExact;
    this.complete = page.complete;
    this.history = page.history;
  }
}
