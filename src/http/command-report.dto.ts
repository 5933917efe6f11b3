import { applyDecorators, HttpStatus } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiResponse } from '@nestjs/swagger';
import type { Source } from '../core/source.js';
import { COMMAND_OUTCOMES, type CommandedWorker, type CommandReport, WORKER_ANSWERS } from '../core/worker-control.js';
import { ItemDto, itemOf } from './item.dto.js';

export class CommandedWorkerDto {
  readonly worker: string;
  @ApiProperty({ enum: [...WORKER_ANSWERS], enumName: 'WorkerAnswer' })
  readonly answer: CommandedWorker['answer'];
  /** Its own words, or why it refused. */
  readonly message: string | null;
  /** It has shown that it is so, by more than its acknowledgement. */
  readonly in_effect: boolean;

  constructor(worker: CommandedWorker) {
    this.worker = worker.worker;
    this.answer = worker.answer;
    this.message = worker.message;
    this.in_effect = worker.inEffect;
  }
}

/** What was said to workers, and what each made of it. */
export class CommandReportDto extends ItemDto {
  /**
   * done: seen in effect on every worker that was told. accepted: acknowledged by one at least, and not seen in effect on all. refused: by
   * all who answered. unacknowledged: nobody has answered.
   */
  @ApiProperty({ enum: [...COMMAND_OUTCOMES], enumName: 'CommandOutcome' })
  readonly outcome: CommandReport['outcome'];
  /** One sentence. */
  readonly message: string;
  @ApiProperty({ type: [CommandedWorkerDto] })
  readonly workers: readonly CommandedWorkerDto[];

  constructor(report: CommandReport & { readonly source: Source }) {
    super(itemOf(report.source));
    this.outcome = report.outcome;
    this.message = report.message;
    this.workers = report.workers.map((worker) => new CommandedWorkerDto(worker));
  }
}

/** 200: settled, done or refused. 202: on its way, or nobody has answered, so that nobody can say. */
export function commandStatus(outcome: CommandReport['outcome']): 200 | 202 {
  return outcome === 'done' || outcome === 'refused' ? 200 : 202;
}

/** Documents both. */
export function ApiCommandReport(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiOkResponse({ type: CommandReportDto, description: 'Settled: done, or refused' }),
    ApiResponse({
      status: HttpStatus.ACCEPTED,
      type: CommandReportDto,
      description: 'Not settled: acknowledged and not yet seen in effect, or nobody answered',
    }),
  );
}
