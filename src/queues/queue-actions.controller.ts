import { Body, Controller, Delete, HttpCode, HttpStatus, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { InvalidRequest } from '../core/errors.js';
import { CLEANABLE, type QueueAction, type QueueActionRequest } from '../core/queue-action.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { BoundedText } from '../http/bounded-text.pipe.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { findQueue } from './find-queue.js';
import { CleanBodyDto, DrainBodyDto, ObliterateBodyDto, QueueActionReportDto } from './queue-action.dto.js';

const QUEUE_NAME = new BoundedText('a queue name');
const DOCUMENTED_NAME = { name: 'name', description: 'Its name, percent-encoded', example: 'training' };
const STEPS =
  'Long queues are emptied in steps, each of them atomic, for a few seconds: `complete` says whether all was done, or whether to ask again.';

/** What may be done to a queue as a whole. Capabilities of the source say what it can. */
@ApiTags('queues')
@Controller('queues')
export class QueueActionsController {
  constructor(private readonly inspector: QueueInspector) {}

  @Put(':name/pause')
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'pauseQueue', summary: 'Start no more tasks of a queue; running ones go on' })
  @ApiParam(DOCUMENTED_NAME)
  @ApiOkResponse({ type: QueueActionReportDto, description: 'It is paused, now or already' })
  @ApiProblems(400, 404, 409, 413, 503)
  pause(@Param('name', QUEUE_NAME) name: string, @Query() query: SourceQueryDto): Promise<QueueActionReportDto> {
    return this.#act(name, query, { action: { kind: 'pause' }, atMost: null, dryRun: false });
  }

  @Delete(':name/pause')
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'resumeQueue', summary: 'Let a paused queue go on' })
  @ApiParam(DOCUMENTED_NAME)
  @ApiOkResponse({ type: QueueActionReportDto, description: 'It goes on, now or already' })
  @ApiProblems(400, 404, 409, 413, 503)
  resume(@Param('name', QUEUE_NAME) name: string, @Query() query: SourceQueryDto): Promise<QueueActionReportDto> {
    return this.#act(name, query, { action: { kind: 'resume' }, atMost: null, dryRun: false });
  }

  @Post(':name/clean')
  @HttpCode(HttpStatus.OK)
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'cleanQueue',
    summary: 'Remove the tasks of a queue by kind and age',
    description: `By age tasks that wait are only removed from queues of up to 2 000 of them. ${STEPS}`,
  })
  @ApiParam(DOCUMENTED_NAME)
  @ApiOkResponse({ type: QueueActionReportDto })
  @ApiProblems(400, 404, 409, 413, 503)
  async clean(
    @Param('name', QUEUE_NAME) name: string,
    @Query() query: SourceQueryDto,
    @Body() body: CleanBodyDto,
  ): Promise<QueueActionReportDto> {
    const { tasks, limit } = body;
    if (tasks === undefined) throw new InvalidRequest(`tasks: expected one of ${CLEANABLE.join(', ')}, found none`);
    const olderThanMs = Math.round(body.older_than_seconds * 1000);
    return this.#act(name, query, {
      action: { kind: 'clean', tasks, olderThanMs, limit },
      atMost: body.expected_count ?? null,
      dryRun: body.dry_run,
    });
  }

  @Post(':name/drain')
  @HttpCode(HttpStatus.OK)
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'drainQueue',
    summary: 'Remove everything from a queue that has not started',
    description: `Running and finished tasks stay, as does the queue. ${STEPS}`,
  })
  @ApiParam(DOCUMENTED_NAME)
  @ApiOkResponse({ type: QueueActionReportDto })
  @ApiProblems(400, 404, 409, 413, 503)
  drain(
    @Param('name', QUEUE_NAME) name: string,
    @Query() query: SourceQueryDto,
    @Body() body: DrainBodyDto,
  ): Promise<QueueActionReportDto> {
    return this.#act(name, query, destructive({ kind: 'drain', delayed: body.delayed }, body));
  }

  @Post(':name/obliterate')
  @HttpCode(HttpStatus.OK)
  @Permission('administer')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'obliterateQueue',
    summary: 'Remove a queue with everything in it, for good',
    description: 'Refused while tasks run, unless `force` says otherwise. Its schedules and counters go, too.',
  })
  @ApiParam(DOCUMENTED_NAME)
  @ApiOkResponse({ type: QueueActionReportDto })
  @ApiProblems(400, 404, 409, 413, 503)
  obliterate(
    @Param('name', QUEUE_NAME) name: string,
    @Query() query: SourceQueryDto,
    @Body() body: ObliterateBodyDto,
  ): Promise<QueueActionReportDto> {
    return this.#act(name, query, destructive({ kind: 'obliterate', force: body.force }, body));
  }

  async #act(name: string, query: SourceQueryDto, request: QueueActionRequest): Promise<QueueActionReportDto> {
    const { source } = await findQueue(this.inspector, name, query.source);
    const report = await this.inspector.actions.onQueue(source.name, name, request);
    return new QueueActionReportDto(source, { kind: request.action.kind, dryRun: request.dryRun }, report);
  }
}

/** What cannot be undone needs a number: nobody shall empty a queue that has filled since it was looked at. */
function destructive(
  action: QueueAction,
  body: { readonly dry_run: boolean; readonly expected_count?: number },
): QueueActionRequest {
  const atMost = body.expected_count ?? null;
  if (atMost === null && !body.dry_run) {
    const expected = 'the most tasks that may be removed, or dry_run=true to learn how many there are';
    throw new InvalidRequest(`expected_count: expected ${expected}, found none`, {
      errors: [{ field: 'expected_count', expected, found: 'none' }],
    });
  }
  return { action, atMost, dryRun: body.dry_run };
}
