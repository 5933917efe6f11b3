import { ApiProperty } from '@nestjs/swagger';
import { isoTime } from '../http/iso-time.js';
import {
  BooleanField,
  NumberField,
  RequiredWordField,
  TextField,
  TextListField,
  WholeNumberField,
  WordField,
} from '../http/query-fields.js';
import { BULK_ACTIONS, type BulkActionKind } from './bulk-action.js';
import {
  BULK_OUTCOMES,
  BULK_STATES,
  type BulkItem,
  type BulkOperation,
  type BulkOutcome,
  type BulkState,
} from './bulk-operation.js';

const TEN_YEARS = 10 * 365 * 24 * 3600;
/** What one request may carry. */
const MAX_IDS = 5_000;
export const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGKILL'] as const;

export class BulkOperationBodyDto {
  @RequiredWordField(BULK_ACTIONS, { description: 'What is to be done to each task' })
  readonly action?: BulkActionKind;

  @TextField({
    description: 'Which tasks, in the filter language of the search, empty for all; or else `ids`',
    maxLength: 2048,
    example: 'state:FAILURE and queue:mail and sent:>2h',
  })
  readonly q?: string;

  @TextListField({ description: 'Which tasks, one by one', maxItems: MAX_IDS, maxLength: 1024 })
  readonly ids?: readonly string[];

  @TextField({ description: 'Only tasks of this source', maxLength: 512 })
  readonly source?: string;

  @BooleanField({ description: 'Only find the tasks and count them', default: false })
  readonly dry_run: boolean = false;

  @WholeNumberField({
    description:
      'With `q`: the most tasks that may be concerned. With more nothing is done, and a 409 says how many. Needed unless it is a dry run',
    minimum: 0,
    maximum: 10_000,
  })
  readonly expected_count?: number;

  @WholeNumberField({ description: 'Tasks per second, at most', minimum: 1, maximum: 500, default: 50 })
  readonly rate: number = 50;

  @BooleanField({ description: 'revoke: also stop those that run', default: false })
  readonly terminate: boolean = false;

  @WordField(SIGNALS, { description: 'revoke, with `terminate`: the signal, where the engine can send one' })
  readonly signal?: string;

  @BooleanField({ description: 'retry: count their attempts anew', default: false })
  readonly reset_attempts: boolean = false;

  @NumberField({ description: 'delay: let them wait so long from now', minimum: 0, maximum: TEN_YEARS })
  readonly delay_seconds?: number;

  @WholeNumberField({ description: 'priority: the new one', minimum: 0, maximum: 2_097_151 })
  readonly priority?: number;
}

/** How many tasks have come how far. */
export class BulkCountsDto {
  readonly waiting: number;
  readonly done: number;
  /** It cannot be done to them. */
  readonly refused: number;
  /** Nobody can say whether it was done. */
  readonly failed: number;
  readonly cancelled: number;

  constructor(counts: Readonly<Record<BulkOutcome, number>>) {
    this.waiting = counts.waiting;
    this.done = counts.done;
    this.refused = counts.refused;
    this.failed = counts.failed;
    this.cancelled = counts.cancelled;
  }
}

/** One action on many tasks. */
export class BulkOperationDto {
  readonly id: string;
  @ApiProperty({ enum: [...BULK_ACTIONS], enumName: 'BulkAction' })
  readonly action: BulkActionKind;
  @ApiProperty({ enum: [...BULK_STATES], enumName: 'BulkState' })
  readonly state: BulkState;
  /** The filter it was asked for with; null where it was ids. */
  readonly q: string | null;
  readonly rate: number;
  readonly matched_count: number;
  /** Of them, tasks of sources that cannot do this at all; null where it is not known yet of which sources they are. */
  readonly unsupported_count: number | null;
  /** False where the search ended before it had seen every task: there may be more. */
  readonly search_complete: boolean;
  readonly counts: BulkCountsDto;
  /** How it stands, in one sentence. */
  readonly message: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly created_at: string | null;
  /** null while it goes on. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly finished_at: string | null;

  constructor(operation: BulkOperation) {
    const { order } = operation;
    const counts = operation.counts();
    this.id = order.id;
    this.action = order.action.kind;
    this.state = operation.state;
    this.q = order.q;
    this.rate = order.rate;
    this.matched_count = order.items.length;
    this.unsupported_count = order.unsupported;
    this.search_complete = order.searchComplete;
    this.counts = new BulkCountsDto(counts);
    this.message = messageOf(operation, counts);
    this.created_at = isoTime(operation.createdAt);
    this.finished_at = isoTime(operation.finishedAt);
  }
}

export class BulkOperationPageDto {
  @ApiProperty({ type: [BulkOperationDto] })
  readonly items: readonly BulkOperationDto[];
  readonly total: number;

  constructor(items: readonly BulkOperationDto[]) {
    this.items = items;
    this.total = items.length;
  }
}

export class BulkItemsQueryDto {
  @WordField(BULK_OUTCOMES, { description: 'Only tasks with this outcome' })
  readonly outcome?: string;

  @WholeNumberField({ description: 'Tasks to leave out', minimum: 0, maximum: 10_000, default: 0 })
  readonly offset: number = 0;

  @WholeNumberField({ description: 'Tasks per page', minimum: 1, maximum: 1_000, default: 100 })
  readonly limit: number = 100;
}

/** What has come of one task. */
export class BulkItemDto {
  readonly task_id: string;
  /** null where it was not said, and its turn has not come. */
  readonly source: string | null;
  @ApiProperty({ enum: [...BULK_OUTCOMES], enumName: 'BulkOutcome' })
  readonly outcome: BulkOutcome;
  /** Why not, in one word: state, locked, schedule, engine, gone, not-supported … */
  readonly reason: string | null;
  readonly message: string | null;

  constructor(item: BulkItem) {
    this.task_id = item.id;
    this.source = item.source;
    this.outcome = item.outcome;
    this.reason = item.reason;
    this.message = item.message;
  }
}

export class BulkItemPageDto {
  @ApiProperty({ type: [BulkItemDto] })
  readonly items: readonly BulkItemDto[];
  /** Tasks with the outcome that was asked for. */
  readonly total: number;

  constructor(items: readonly BulkItemDto[], total: number) {
    this.items = items;
    this.total = total;
  }
}

function messageOf({ order, state }: BulkOperation, counts: Readonly<Record<BulkOutcome, number>>): string {
  const all = `${order.items.length} ${order.items.length === 1 ? 'task' : 'tasks'}`;
  if (state === 'dry-run') return `A dry run: ${order.action.kind} would be tried on ${all}.`;
  const { done, refused, failed } = counts;
  return `${order.action.kind} on ${all}: ${done} done, ${refused} refused, ${failed} failed (${state}).`;
}
