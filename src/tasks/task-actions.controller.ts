import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { ActionRefused, InvalidRequest } from '../core/errors.js';
import type { TaskAction } from '../core/task-action.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { ChangeTaskBodyDto, RetryBodyDto, TaskActionReportDto, TaskPlaceDto } from './task-action.dto.js';
import { DOCUMENTED_ID, TASK_ID } from './task-id.js';
import { TaskLogsDto, TaskLogsQueryDto } from './task-logs.dto.js';

const ATOMIC =
  "Done by the engine's own script, which checks and changes in one step; `after` says what was found then. Where it cannot be done to a " +
  'task as it is now, nothing is done, and a 409 says why: `reason` is `state`, `locked` (a worker holds it), `schedule`, `payload` or `engine`.';

const IN_CELERY =
  'In Celery a new task is sent to the same queue, and `new_task_id` is its id; callbacks, the rest of a chain, its group and its expiry are not ' +
  'sent again. The arguments come from the result backend, with `result_extended`, else from its events, where their text is whole and can ' +
  'only mean one thing; otherwise a 409 of the `reason` `payload` says what is missing, and `args` and `kwargs` may be given.';

/** What may be done to one task of Bull or BullMQ. Capabilities of the source say what it can. */
@ApiTags('tasks')
@Controller('tasks')
export class TaskActionsController {
  constructor(private readonly inspector: QueueInspector) {}

  @Post(':id/retry')
  @HttpCode(HttpStatus.OK)
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'retryTask',
    summary: 'Run a finished task again',
    description: `Bull runs again what has failed, BullMQ also what has succeeded. ${ATOMIC} ${IN_CELERY}`,
  })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: TaskActionReportDto })
  @ApiProblems(400, 404, 409, 413, 503)
  retry(
    @Param('id', TASK_ID) id: string,
    @Query() query: SourceQueryDto,
    @Body() body: RetryBodyDto,
  ): Promise<TaskActionReportDto> {
    const { args, kwargs, reset_attempts: resetAttempts } = body;
    const edited = { ...(args === undefined ? {} : { args }), ...(kwargs === undefined ? {} : { kwargs }) };
    const action: TaskAction = { kind: 'retry', resetAttempts };
    return this.#act(id, Object.keys(edited).length === 0 ? action : { ...action, edited }, query.source);
  }

  @Post(':id/promote')
  @HttpCode(HttpStatus.OK)
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'promoteTask',
    summary: 'Let a task that waits for a time run now',
    description: ATOMIC,
  })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: TaskActionReportDto })
  @ApiProblems(400, 404, 409, 413, 503)
  promote(@Param('id', TASK_ID) id: string, @Query() query: SourceQueryDto): Promise<TaskActionReportDto> {
    return this.#act(id, { kind: 'promote' }, query.source);
  }

  @Delete(':id')
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'removeTask',
    summary: 'Take a task out of the broker, with whatever is kept of it',
    description: `One that runs is refused: revoke it first. Children of a BullMQ flow stay, being tasks of their own. ${ATOMIC}`,
  })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: TaskActionReportDto })
  @ApiProblems(400, 404, 409, 413, 503)
  remove(@Param('id', TASK_ID) id: string, @Query() query: SourceQueryDto): Promise<TaskActionReportDto> {
    return this.#act(id, { kind: 'remove' }, query.source);
  }

  @Patch(':id')
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'changeTask',
    summary: 'Change when a waiting task is due, or its priority',
    description: `\`delay_seconds\` for one that waits for a time, \`priority\` for one that has not started; one of both at a time. ${ATOMIC}`,
  })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: TaskActionReportDto })
  @ApiProblems(400, 404, 409, 413, 503)
  change(
    @Param('id', TASK_ID) id: string,
    @Query() query: SourceQueryDto,
    @Body() { delay_seconds, priority }: ChangeTaskBodyDto,
  ): Promise<TaskActionReportDto> {
    if (delay_seconds !== undefined && priority === undefined) {
      return this.#act(id, { kind: 'delay', delayMs: Math.round(delay_seconds * 1000) }, query.source);
    }
    if (priority !== undefined && delay_seconds === undefined) {
      return this.#act(id, { kind: 'priority', priority }, query.source);
    }
    const found = priority === undefined ? 'neither' : 'both';
    throw new InvalidRequest(`expected one of delay_seconds and priority, found ${found}`);
  }

  @Get(':id/logs')
  @Permission('view-payloads')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'getTaskLogs', summary: 'What a task of Bull or BullMQ has logged, page by page' })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: TaskLogsDto })
  @ApiProblems(400, 404, 409, 503)
  async logs(@Param('id', TASK_ID) id: string, @Query() query: TaskLogsQueryDto): Promise<TaskLogsDto> {
    const { offset, limit, first, source } = query;
    return new TaskLogsDto(
      await this.inspector.actions.logs(id, { offset, limit, newestFirst: first === 'newest' }, source),
    );
  }

  async #act(id: string, action: TaskAction, source: string | undefined): Promise<TaskActionReportDto> {
    const report = await this.inspector.actions.onTask(id, action, source);
    if (report.refusal === null) return new TaskActionReportDto(action.kind, report);
    throw new ActionRefused(report.message, {
      reason: report.refusal,
      task_id: report.id,
      before: new TaskPlaceDto(report.before),
      after: report.after && new TaskPlaceDto(report.after),
    });
  }
}
