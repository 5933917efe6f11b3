import { ApiProperty } from '@nestjs/swagger';
import type { LogPage } from '../core/queue-engine.js';
import type { Source } from '../core/source.js';
import { ItemDto, itemOf } from '../http/item.dto.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { WholeNumberField, WordField } from '../http/query-fields.js';

export const LOG_ORDERS = ['oldest', 'newest'] as const;

export class TaskLogsQueryDto extends SourceQueryDto {
  @WordField(LOG_ORDERS, { description: 'Which lines come first', default: 'oldest' })
  readonly first: string = 'oldest';

  @WholeNumberField({ description: 'Lines to leave out', minimum: 0, maximum: 1_000_000_000, default: 0 })
  readonly offset: number = 0;

  @WholeNumberField({ description: 'Lines per page', minimum: 1, maximum: 500, default: 100 })
  readonly limit: number = 100;
}

/** Lines that a task has logged. */
export class TaskLogsDto extends ItemDto {
  readonly task_id: string;
  /** Long ones are cut. */
  @ApiProperty({ type: [String] })
  readonly items: readonly string[];
  /** All lines that are stored. */
  readonly total: number;

  constructor(page: LogPage & { readonly source: Source; readonly id: string }) {
    super(itemOf(page.source));
    this.task_id = page.id;
    this.items = page.lines;
    this.total = page.total;
  }
}
