import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { Clock } from '../core/clock.js';
import { InvalidRequest, NotSupported } from '../core/errors.js';
import { foundText } from '../core/found-text.js';
import type { ScheduleAction } from '../core/schedule-action.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { BoundedText } from '../http/bounded-text.pipe.js';
import { isoNow } from '../http/iso-time.js';
import { SourceQueryDto, StatusListQueryDto } from '../http/list-query.dto.js';
import { SourceStateDto } from '../http/source-state.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { findSchedule } from './find-schedule.js';
import { schedulesOf } from './listed-schedule.js';
import { EditScheduleBodyDto, ScheduleActionReportDto } from './schedule-action.dto.js';
import { ScheduleItemDto, SchedulesDto } from './schedule-item.dto.js';

const SCHEDULE_ID = new BoundedText('the id of a schedule', 2048);
const DOCUMENTED_ID = {
  name: 'id',
  description: 'The id, percent-encoded; also its `key`, where only one schedule has it',
  example: 'reports:nightly',
};

/** Repeating tasks: Bull repeatables, BullMQ job schedulers, and what Celery's workers have configured for beat. */
@ApiTags('schedules')
@Controller('schedules')
export class SchedulesController {
  constructor(
    private readonly inspector: QueueInspector,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'listSchedules', summary: 'All repeating tasks, the next to run first' })
  @ApiOkResponse({ type: SchedulesDto })
  @ApiProblems(400, 404)
  async list(@Query() query: StatusListQueryDto): Promise<SchedulesDto> {
    const views = await this.inspector.look(query.source);
    const all = views
      .flatMap(schedulesOf)
      .sort((a, b) => (a.schedule.nextAt ?? Number.MAX_VALUE) - (b.schedule.nextAt ?? Number.MAX_VALUE));
    return new SchedulesDto({
      timestamp: isoNow(this.clock),
      items: all
        .slice(0, query.limit)
        .map(({ source, schedule, capabilities }) => new ScheduleItemDto(source, schedule, capabilities)),
      total: all.length,
      sources: views.map((view) => new SourceStateDto(view)),
    });
  }

  @Get(':id')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'getSchedule', summary: 'One repeating task' })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: ScheduleItemDto })
  @ApiProblems(400, 404, 409, 503)
  async one(@Param('id', SCHEDULE_ID) id: string, @Query() query: SourceQueryDto): Promise<ScheduleItemDto> {
    const { source, schedule, capabilities } = await findSchedule(this.inspector, id, query.source);
    return new ScheduleItemDto(source, schedule, capabilities);
  }

  @Delete(':id')
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'removeSchedule', summary: 'Remove a repeating task, with its next run' })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: ScheduleActionReportDto })
  @ApiProblems(400, 404, 409, 413, 503)
  remove(@Param('id', SCHEDULE_ID) id: string, @Query() query: SourceQueryDto): Promise<ScheduleActionReportDto> {
    return this.#act(id, { kind: 'remove' }, query.source);
  }

  @Post(':id/run')
  @HttpCode(HttpStatus.OK)
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'runSchedule',
    summary: 'Enqueue one more task as a schedule would, now',
    description: 'The schedule goes on as before. `task_id` is the task that was enqueued.',
  })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: ScheduleActionReportDto })
  @ApiProblems(400, 404, 409, 413, 503)
  run(@Param('id', SCHEDULE_ID) id: string, @Query() query: SourceQueryDto): Promise<ScheduleActionReportDto> {
    return this.#act(id, { kind: 'run' }, query.source);
  }

  @Patch(':id')
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'editSchedule',
    summary: 'Change when a repeating task runs',
    description: 'For BullMQ job schedulers. What it runs, its limit and its dates stay as they are.',
  })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: ScheduleActionReportDto })
  @ApiProblems(400, 404, 409, 413, 503)
  async edit(
    @Param('id', SCHEDULE_ID) id: string,
    @Query() query: SourceQueryDto,
    @Body() { cron, every_seconds, time_zone }: EditScheduleBodyDto,
  ): Promise<ScheduleActionReportDto> {
    if ((cron === undefined) === (every_seconds === undefined)) {
      throw new InvalidRequest(
        `expected one of cron and every_seconds, found ${cron === undefined ? 'neither' : 'both'}`,
      );
    }
    if (time_zone !== undefined && cron === undefined) {
      throw new InvalidRequest('time_zone: expected cron beside it, found every_seconds');
    }
    if (time_zone !== undefined && !isTimeZone(time_zone)) {
      throw new InvalidRequest(`time_zone: expected a zone such as Europe/Berlin, found ${foundText(time_zone)}`);
    }
    const { schedule } = await findSchedule(this.inspector, id, query.source);
    return this.#act(
      id,
      {
        kind: 'edit',
        cron: cron ?? null,
        everyMs: every_seconds === undefined ? null : Math.round(every_seconds * 1000),
        timeZone: cron === undefined ? null : (time_zone ?? schedule.timeZone),
      },
      query.source,
    );
  }

  async #act(id: string, action: ScheduleAction, asked: string | undefined): Promise<ScheduleActionReportDto> {
    const { source, schedule, capabilities } = await findSchedule(this.inspector, id, asked);
    const { queue } = schedule;
    if (schedule.keptIn === 'configuration' || queue === null) {
      throw new NotSupported(
        `expected a schedule that the broker keeps, found ${foundText(schedule.id)} in the configuration of workers of "${source.name}"`,
        { source: source.name },
      );
    }
    const report = await this.inspector.actions.onSchedule(source.name, queue, schedule.id, action);
    return new ScheduleActionReportDto(source, action.kind, report, capabilities);
  }
}

/** The library's own parser would blame the present moment for it. */
function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
