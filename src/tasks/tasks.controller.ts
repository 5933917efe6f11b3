import { Controller, Get, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Granted } from '../auth/granted.decorator.js';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { Clock } from '../core/clock.js';
import { InvalidRequest, TaskNotFound } from '../core/errors.js';
import { StatisticsArchive } from '../history/statistics-archive.js';
import { TaskArchive } from '../history/task-archive.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { encodeCursor } from '../http/cursor.js';
import { isoNow } from '../http/iso-time.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { RevokeQueryDto, RevokeReportDto, revokeStatus, signalName } from './revoke.dto.js';
import { SuggestionsDto, SuggestionsQueryDto } from './suggestions.dto.js';
import { TaskDetailDto } from './task-detail.dto.js';
import { DOCUMENTED_ID, TASK_ID } from './task-id.js';
import { TaskPageDto } from './task-page.dto.js';
import { TaskSearchQueryDto } from './task-search.dto.js';
import { taskQueryOf } from './task-search.js';
import { TaskStateDto } from './task-state.dto.js';
import { TasksStatusDto, TasksStatusQueryDto } from './tasks-status.dto.js';
import { tasksStatus } from './tasks-status.js';

@ApiTags('tasks')
@Controller('tasks')
export class TasksController {
  constructor(
    private readonly inspector: QueueInspector,
    private readonly archive: TaskArchive,
    private readonly statistics: StatisticsArchive,
    private readonly clock: Clock,
  ) {}

  @Get('status')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'getTasksStatus', summary: 'What runs, what waits, and how many' })
  @ApiOkResponse({ type: TasksStatusDto })
  @ApiProblems(400, 404)
  async status(@Query() query: TasksStatusQueryDto): Promise<TasksStatusDto> {
    const views = await this.inspector.look(query.source);
    const workers = views.flatMap((view) => this.inspector.workersOf(view));
    return tasksStatus(views, workers, { timestamp: isoNow(this.clock), limit: query.limit });
  }

  @Get()
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'searchTasks', summary: 'Search the tasks that are remembered' })
  @ApiOkResponse({ type: TaskPageDto })
  @ApiProblems(400, 404)
  async search(@Query() query: TaskSearchQueryDto): Promise<TaskPageDto> {
    // Names an unknown source as such, where a search would just find nothing.
    this.inspector.views(query.source);
    const page = await this.archive.search(taskQueryOf(query, this.clock.now()));
    return new TaskPageDto(page, page.next === null ? null : encodeCursor(page.next, query.sort));
  }

  @Get('suggestions')
  @Permission('view')
  @ApiOperation({ operationId: 'suggestTasks', summary: 'What a field of the filter language can be completed to' })
  @ApiOkResponse({ type: SuggestionsDto })
  @ApiProblems(400, 503)
  async suggestions(@Query() { field, prefix, limit }: SuggestionsQueryDto): Promise<SuggestionsDto> {
    return new SuggestionsDto(field, await this.statistics.suggest(field, prefix, limit));
  }

  @Get(':id/status')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'getTaskStatus', summary: 'How one task stands, with its result' })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: TaskStateDto })
  @ApiProblems(400, 404, 409, 503)
  async state(
    @Param('id', TASK_ID) id: string,
    @Query() query: SourceQueryDto,
    @Granted() granted: ReadonlySet<Permission>,
  ): Promise<TaskStateDto> {
    const payloadsVisible = granted.has('view-payloads');
    try {
      return new TaskStateDto(await this.archive.task(id, query.source), payloadsVisible);
    } catch (error) {
      if (!(error instanceof TaskNotFound)) throw error;
      const maybe = this.inspector.views(query.source).filter((view) => !view.capabilities.has('find-by-id'));
      if (maybe.length === 0) throw error;
      return new TaskStateDto({ id, source: maybe.length === 1 ? (maybe[0]?.source ?? null) : null }, payloadsVisible);
    }
  }

  @Get(':id')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'getTask', summary: 'Everything known about one task' })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: TaskDetailDto })
  @ApiProblems(400, 404, 409, 503)
  async detail(
    @Param('id', TASK_ID) id: string,
    @Query() query: SourceQueryDto,
    @Granted() granted: ReadonlySet<Permission>,
  ): Promise<TaskDetailDto> {
    return new TaskDetailDto(await this.archive.task(id, query.source), granted.has('view-payloads'));
  }

  @Post(':id/revoke')
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'revokeTask',
    summary: 'Keep a task from running, or stop it',
    description:
      'Never says `revoked` without proof: the outcome tells what is certain, and `workers` who answered what.',
  })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: RevokeReportDto, description: 'Settled: revoked, or too late' })
  @ApiResponse({
    status: HttpStatus.ACCEPTED,
    type: RevokeReportDto,
    description: 'Not settled: accepted, or nobody answered',
  })
  @ApiProblems(400, 404, 409, 413, 503)
  async revoke(
    @Param('id', TASK_ID) id: string,
    @Query() query: RevokeQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RevokeReportDto> {
    if (query.signal !== undefined && !query.terminate) {
      throw new InvalidRequest('signal: expected terminate=true beside it, found terminate=false');
    }
    const signal = query.signal === undefined ? null : signalName(query.signal);
    const request = { terminate: query.terminate, signal };
    const report = await this.inspector.revoke(id, request, query.source);
    response.status(revokeStatus(report.outcome));
    return new RevokeReportDto(report, request);
  }
}
