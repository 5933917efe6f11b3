import { ApiProperty } from '@nestjs/swagger';
import type { ControlAction } from '../core/history-store.js';
import { isoTime } from '../http/iso-time.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { WholeNumberField } from '../http/query-fields.js';

export class TaskAuditQueryDto extends SourceQueryDto {
  @WholeNumberField({ description: 'At most so many, the latest', minimum: 1, maximum: 500, default: 50 })
  readonly limit: number = 50;
}

/** Something that somebody did to the task, or tried to. */
export class TaskAuditItemDto {
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly at: string | null;
  /** How they had signed in; null where nobody had. */
  readonly kind: string | null;
  readonly who: string | null;
  /** operationId. */
  readonly action: string;
  /** Parameters and body, secrets removed. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  readonly asked: Readonly<Record<string, unknown>>;
  /** allowed, refused or failed. */
  readonly outcome: string;
  /** The HTTP status of the answer. */
  readonly status: number;
  readonly message: string | null;

  constructor(action: ControlAction) {
    this.at = isoTime(action.at);
    this.kind = action.kind;
    this.who = action.who;
    this.action = action.operation;
    this.asked = action.asked;
    this.outcome = action.outcome;
    this.status = action.status;
    this.message = action.message;
  }
}

export class TaskAuditDto {
  /** The latest first. */
  @ApiProperty({ type: [TaskAuditItemDto] })
  readonly items: readonly TaskAuditItemDto[];
  /** There were earlier ones. */
  readonly truncated: boolean;
  /** False where nothing is stored, or it cannot be read now: then `items` is empty and says nothing. */
  readonly history: boolean;

  constructor(actions: readonly ControlAction[] | null, limit: number) {
    this.items = (actions ?? []).slice(0, limit).map((action) => new TaskAuditItemDto(action));
    this.truncated = (actions?.length ?? 0) > limit;
    this.history = actions !== null;
  }
}
