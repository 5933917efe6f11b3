import { ApiProperty } from '@nestjs/swagger';
import { AUDIT_OUTCOMES, type AuditedWorker, type AuditOutcome, type AuditRecord } from '../auth/audit-log.js';
import { PRINCIPAL_KINDS, type PrincipalKind } from '../auth/principal.js';
import { isoTime } from '../http/iso-time.js';
import { TextField, WholeNumberField, WordField } from '../http/query-fields.js';

const MAX_NAME = 200;

export class AuditQueryDto {
  @TextField({ description: 'Only what this caller did or tried to do', maxLength: MAX_NAME })
  readonly who?: string;

  @TextField({ description: 'Only this action, by operationId', maxLength: MAX_NAME, example: 'revokeTask' })
  readonly action?: string;

  @WordField(AUDIT_OUTCOMES, { description: 'Only what ended so' })
  readonly outcome?: AuditOutcome;

  @WholeNumberField({ description: 'Records per page', minimum: 1, maximum: 500, default: 100 })
  readonly limit: number = 100;

  @TextField({ description: '`next_cursor` of the page before', maxLength: 20 })
  readonly cursor?: string;
}

export class AuditedWorkerDto {
  readonly worker: string;
  /** In the words of the action. */
  readonly answer: string;
  readonly message: string | null;

  constructor(worker: AuditedWorker) {
    this.worker = worker.worker;
    this.answer = worker.answer;
    this.message = worker.message;
  }
}

/** Who did, or tried to do, what. */
export class AuditRecordDto {
  /** Rises by one with each record. */
  readonly number: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly at: string | null;
  @ApiProperty({ type: String, enum: [...PRINCIPAL_KINDS], nullable: true })
  readonly kind: PrincipalKind | null;
  /** null where nobody had signed in; of a sign-in the name that was given. */
  readonly who: string | null;
  /** Address the request came from. */
  readonly from: string;
  /** operationId; the HTTP method where the request was refused before that was known. */
  readonly action: string;
  readonly path: string;
  /** Parameters and body, secrets removed; `{cut}` where they were too long. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  readonly asked: Readonly<Record<string, unknown>>;
  /** refused: by a rule of this service. failed: allowed, and not done. */
  @ApiProperty({ enum: [...AUDIT_OUTCOMES], enumName: 'AuditOutcome' })
  readonly outcome: AuditOutcome;
  /** The HTTP status of the answer; 499 where the caller went before it had begun. */
  readonly status: number;
  readonly message: string | null;
  @ApiProperty({ type: [AuditedWorkerDto] })
  readonly workers: readonly AuditedWorkerDto[];

  constructor(record: AuditRecord) {
    this.number = record.number;
    this.at = isoTime(record.at);
    this.kind = record.kind;
    this.who = record.who;
    this.from = record.from;
    this.action = record.action;
    this.path = record.path;
    this.asked = record.asked;
    this.outcome = record.outcome;
    this.status = record.status;
    this.message = record.message;
    this.workers = record.workers.map((worker) => new AuditedWorkerDto(worker));
  }
}

export class AuditPageDto {
  @ApiProperty({ type: [AuditRecordDto] })
  readonly items: readonly AuditRecordDto[];
  /** Give it as `cursor`, with the same other parameters, to read on; null on the last page. */
  readonly next_cursor: string | null;

  constructor(records: readonly AuditRecord[], more: boolean) {
    this.items = records.map((record) => new AuditRecordDto(record));
    const last = records.at(-1);
    this.next_cursor = more && last !== undefined ? String(last.number) : null;
  }
}
