import { ApiProperty } from '@nestjs/swagger';
import { CLEANABLE, type KnownQueuePlace, type QueueActionKind, type QueueActionReport } from '../core/queue-action.js';
import type { Source } from '../core/source.js';
import { ItemDto, itemOf } from '../http/item.dto.js';
import { BooleanField, NumberField, RequiredWordField, WholeNumberField } from '../http/query-fields.js';

const TEN_YEARS = 10 * 365 * 24 * 3600;
const MOST = 1_000_000_000;
const EXPECTED =
  'The most tasks that may be concerned: with more nothing is done, and a 409 says how many there are. A dry run tells it';

class DryRunBodyDto {
  @BooleanField({ description: 'Only count', default: false })
  readonly dry_run: boolean = false;
}

export class CleanBodyDto extends DryRunBodyDto {
  @RequiredWordField(CLEANABLE, { description: 'Which tasks; `waiting` includes the paused and the prioritised ones' })
  readonly tasks?: (typeof CLEANABLE)[number];

  @NumberField({
    description: 'Finished so long ago, or added where it has not finished. 0: any',
    minimum: 0,
    maximum: TEN_YEARS,
    default: 0,
  })
  readonly older_than_seconds: number = 0;

  @WholeNumberField({ description: 'Remove at most so many', minimum: 1, maximum: 1_000_000, default: 10_000 })
  readonly limit: number = 10_000;

  @WholeNumberField({ description: EXPECTED, minimum: 0, maximum: MOST })
  readonly expected_count?: number;
}

export class DrainBodyDto extends DryRunBodyDto {
  @BooleanField({ description: 'Also remove what waits for a time', default: false })
  readonly delayed: boolean = false;

  @WholeNumberField({ description: `${EXPECTED}. Needed unless it is one`, minimum: 0, maximum: MOST })
  readonly expected_count?: number;
}

export class ObliterateBodyDto extends DryRunBodyDto {
  @BooleanField({ description: 'Also while tasks run: they are removed under their workers', default: false })
  readonly force: boolean = false;

  @WholeNumberField({ description: `${EXPECTED}. Needed unless it is one`, minimum: 0, maximum: MOST })
  readonly expected_count?: number;
}

/** A queue in numbers, at the moment of the action. */
export class QueuePlaceDto {
  readonly waiting: number;
  readonly active: number | null;
  readonly delayed: number | null;
  readonly succeeded: number | null;
  readonly failed: number | null;
  readonly paused: boolean | null;

  constructor(place: KnownQueuePlace) {
    this.waiting = place.waiting;
    this.active = place.active;
    this.delayed = place.delayed;
    this.succeeded = place.succeeded;
    this.failed = place.failed;
    this.paused = place.paused;
  }
}

export const QUEUE_ACTIONS = [
  'pause',
  'resume',
  'clean',
  'drain',
  'obliterate',
] as const satisfies readonly QueueActionKind[];

/** What was done to a queue, and what was found afterwards. */
export class QueueActionReportDto extends ItemDto {
  readonly queue: string;
  @ApiProperty({ enum: [...QUEUE_ACTIONS], enumName: 'QueueAction' })
  readonly action: QueueActionKind;
  readonly dry_run: boolean;
  /** What was done, in one sentence. */
  readonly message: string;
  /** Tasks the action was about when it began; null where only looking at each would tell, and for actions that remove none. */
  readonly matched_count: number | null;
  /** Tasks that are gone; null for actions that remove none. */
  readonly removed_count: number | null;
  /** False where time was up, or the limit reached, before all was done: ask again to go on. */
  readonly complete: boolean;
  readonly before: QueuePlaceDto;
  /** null: nothing of the queue is left. */
  @ApiProperty({ type: QueuePlaceDto, nullable: true })
  readonly after: QueuePlaceDto | null;

  constructor(
    source: Source,
    asked: { readonly kind: QueueActionKind; readonly dryRun: boolean },
    report: QueueActionReport,
  ) {
    super(itemOf(source));
    this.queue = report.queue;
    this.action = asked.kind;
    this.dry_run = asked.dryRun;
    this.message = report.message;
    this.matched_count = report.matched;
    this.removed_count = report.removed;
    this.complete = report.complete;
    this.before = new QueuePlaceDto(report.before);
    this.after = report.after && new QueuePlaceDto(report.after);
  }
}
