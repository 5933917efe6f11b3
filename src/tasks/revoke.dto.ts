import { ApiProperty } from '@nestjs/swagger';
import type { RevokeReport } from '../core/queue-engine.js';
import type { Source } from '../core/source.js';
import { WORKER_ANSWERS, type WorkerAnswer } from '../core/worker-control.js';
import { ItemDto, itemOf } from '../http/item.dto.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { BooleanField, WordField } from '../http/query-fields.js';

/** What may be sent to the process that runs a task: the ways to end it, and nothing that would leave it stopped half-way. */
export const SIGNALS = ['TERM', 'INT', 'QUIT', 'KILL'] as const;

export const WRITTEN_SIGNALS = SIGNALS.flatMap((name) => [name, `SIG${name}`]);

export class RevokeQueryDto extends SourceQueryDto {
  @BooleanField({ description: 'Also stop it if it already runs', default: false })
  readonly terminate: boolean = false;

  @WordField(WRITTEN_SIGNALS, {
    description: 'With `terminate`: the signal for the process that runs it, where the engine can send one',
    read: (text) => text.toUpperCase(),
  })
  readonly signal?: string;
}

export const REVOKE_OUTCOMES = [
  'revoked',
  'accepted',
  'too-late',
  'unacknowledged',
] as const satisfies RevokeReport['outcome'][];
export class WorkerAnswerDto {
  readonly worker: string;
  @ApiProperty({ enum: [...WORKER_ANSWERS], enumName: 'WorkerAnswer' })
  readonly answer: WorkerAnswer['answer'];
  readonly message: string | null;

  constructor(answer: WorkerAnswer) {
    this.worker = answer.worker;
    this.answer = answer.answer;
    this.message = answer.message;
  }
}

/** What was done, and who acknowledged it. */
export class RevokeReportDto extends ItemDto {
  readonly task_id: string;
  /**
   * revoked: it will not run, or has stopped. accepted: a worker has acknowledged and will stop it. too-late: it had already finished.
   * unacknowledged: nobody who could have stopped it has answered.
   */
  @ApiProperty({ enum: [...REVOKE_OUTCOMES], enumName: 'RevokeOutcome' })
  readonly outcome: RevokeReport['outcome'];
  /** What was done, in one sentence. */
  readonly message: string;
  readonly terminate: boolean;
  readonly signal: string | null;
  @ApiProperty({ type: [WorkerAnswerDto] })
  readonly workers: readonly WorkerAnswerDto[];

  constructor(
    report: RevokeReport & { readonly source: Source },
    request: { readonly terminate: boolean; readonly signal: string | null },
  ) {
    super(itemOf(report.source));
    this.task_id = report.id;
    this.outcome = report.outcome;
    this.message = report.message;
    this.terminate = request.terminate;
    this.signal = request.signal;
    this.workers = report.workers.map((answer) => new WorkerAnswerDto(answer));
  }
}

/** 200: settled, for good or too late. 202: on its way, or nobody has answered, so that nobody can say. */
export function revokeStatus(outcome: RevokeReport['outcome']): 200 | 202 {
  return outcome === 'revoked' || outcome === 'too-late' ? 200 : 202;
}

/** The name that engines take: `KILL` and `SIGKILL` are both SIGKILL. */
export function signalName(written: string): string {
  return written.startsWith('SIG') ? written : `SIG${written}`;
}
