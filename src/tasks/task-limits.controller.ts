import { Body, Controller, HttpCode, HttpStatus, Post, Put, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Permission } from '../auth/permission.decorator.js';
import { InvalidRequest } from '../core/errors.js';
import { capabilityOf, type WorkerCommand } from '../core/worker-control.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { ApiCommandReport, CommandReportDto, commandStatus } from '../http/command-report.dto.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { signalName } from './revoke.dto.js';
import { RateLimitDto, StampedRevocationDto, TimeLimitDto } from './task-limits.dto.js';

/** What is told about all tasks of a name, or of a stamp, rather than about one task. */
@ApiTags('tasks')
@Controller('tasks')
export class TaskLimitsController {
  constructor(private readonly inspector: QueueInspector) {}

  @Put('rate-limit')
  @Permission('operate')
  @ApiOperation({
    operationId: 'setTaskRateLimit',
    summary: 'Limit how often tasks of a name are begun',
    description: 'Holds until a worker restarts; then what its code says holds again.',
  })
  @ApiCommandReport()
  @ApiProblems(400, 404, 409, 413, 503)
  rateLimit(
    @Query() query: SourceQueryDto,
    @Body() { task, limit, workers }: RateLimitDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CommandReportDto> {
    return this.#tell({ kind: 'rate-limit', task, limit: limit ?? null }, workers, query, response);
  }

  @Put('time-limit')
  @Permission('operate')
  @ApiOperation({
    operationId: 'setTaskTimeLimit',
    summary: 'Limit how long tasks of a name may run',
    description:
      'Celery acknowledges at once, and applies it (up to 5.6 at least) only when the worker’s pool restarts or its connection to the ' +
      'broker is new; so the outcome is never better than `accepted`. It holds until the worker itself restarts.',
  })
  @ApiCommandReport()
  @ApiProblems(400, 404, 409, 413, 503)
  async timeLimit(
    @Query() query: SourceQueryDto,
    @Body() { task, soft_seconds, hard_seconds, workers }: TimeLimitDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CommandReportDto> {
    const [soft, hard] = [soft_seconds ?? null, hard_seconds ?? null];
    if (soft !== null && hard !== null && soft >= hard) {
      throw new InvalidRequest(`soft_seconds: expected less than hard_seconds, ${hard}, found ${soft}`);
    }
    return this.#tell({ kind: 'time-limit', task, softSeconds: soft, hardSeconds: hard }, workers, query, response);
  }

  @Post('stamped-revocations')
  @HttpCode(HttpStatus.OK)
  @Permission('operate')
  @ApiOperation({
    operationId: 'revokeStampedTasks',
    summary: 'Keep every task that carries a stamp from running',
    description:
      'Only where a worker has Celery 5.3 or newer; older ones refuse. Workers that join within three hours are told, too.',
  })
  @ApiCommandReport()
  @ApiProblems(400, 404, 409, 413, 503)
  async revokeStamped(
    @Query() query: SourceQueryDto,
    @Body() { stamp, values, terminate, signal }: StampedRevocationDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CommandReportDto> {
    if (signal !== undefined && !terminate) {
      throw new InvalidRequest('signal: expected terminate: true beside it, found terminate: false');
    }
    const command: WorkerCommand = {
      kind: 'revoke-stamped',
      stamps: { [stamp]: values },
      terminate,
      signal: signal === undefined ? null : signalName(signal),
    };
    return this.#tell(command, undefined, query, response);
  }

  async #tell(
    command: WorkerCommand,
    workers: readonly string[] | undefined,
    query: SourceQueryDto,
    response: Response,
  ): Promise<CommandReportDto> {
    const source = this.inspector.capableSource(capabilityOf(command), query.source);
    const report = await this.inspector.command(source.name, command, workers ?? null);
    response.status(commandStatus(report.outcome));
    return new CommandReportDto(report);
  }
}
