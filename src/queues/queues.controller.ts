import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Granted } from '../auth/granted.decorator.js';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { Clock } from '../core/clock.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { BoundedText } from '../http/bounded-text.pipe.js';
import { isoNow } from '../http/iso-time.js';
import { SourceQueryDto, StatusListQueryDto } from '../http/list-query.dto.js';
import { SourceStateDto } from '../http/source-state.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { findQueue } from './find-queue.js';
import { QueueDetailDto, QueueDto } from './queue.dto.js';
import { QueuePeekDto, QueuePeekQueryDto } from './queue-peek.dto.js';
import { QueuesStatusDto, QueuesSummaryDto } from './queues-status.dto.js';

@ApiTags('queues')
@Controller('queues')
export class QueuesController {
  constructor(
    private readonly inspector: QueueInspector,
    private readonly clock: Clock,
  ) {}

  @Get('status')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'getQueuesStatus', summary: 'All queues: what waits, for how long, and who takes it' })
  @ApiOkResponse({ type: QueuesStatusDto })
  @ApiProblems(400, 404)
  async status(@Query() query: StatusListQueryDto): Promise<QueuesStatusDto> {
    const views = await this.inspector.look(query.source);
    const all = views.flatMap((view) => view.snapshot?.queues ?? []);
    const queues = all.slice(0, query.limit);
    return new QueuesStatusDto({
      timestamp: isoNow(this.clock),
      summary: new QueuesSummaryDto(all),
      queues: queues.map((queue) => new QueueDto(queue)),
      truncated: queues.length < all.length,
      sources: views.map((view) => new SourceStateDto(view)),
    });
  }

  @Get(':name')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'getQueue', summary: 'One queue, with its repeating tasks' })
  @ApiParam({ name: 'name', description: 'Its name, percent-encoded', example: 'training' })
  @ApiOkResponse({ type: QueueDetailDto })
  @ApiProblems(400, 404, 409, 503)
  async queue(
    @Param('name', new BoundedText('a queue name')) name: string,
    @Query() query: SourceQueryDto,
  ): Promise<QueueDetailDto> {
    const { queue, at } = await findQueue(this.inspector, name, query.source);
    return new QueueDetailDto(queue, at);
  }

  @Get(':name/waiting')
  @Permission('view')
  @ApiOperation({
    operationId: 'peekQueue',
    summary: 'The tasks that wait in a queue, page by page, as they lie there',
    description:
      'Takes and changes nothing; so not where a broker shows a message only by delivering it, as RabbitMQ does. A page costs the same at any place of a queue of Bull or BullMQ; a Celery queue is shown up to its place 10 000.',
  })
  @ApiParam({ name: 'name', description: 'Its name, percent-encoded', example: 'training' })
  @ApiOkResponse({ type: QueuePeekDto })
  @ApiProblems(400, 404, 409, 503)
  async waiting(
    @Param('name', new BoundedText('a queue name')) name: string,
    @Query() query: QueuePeekQueryDto,
    @Granted() granted: ReadonlySet<Permission>,
  ): Promise<QueuePeekDto> {
    const { queue } = await findQueue(this.inspector, name, query.source);
    const peek = await this.inspector.peek(queue.source, name, query.limit, query.offset);
    return new QueuePeekDto(queue, peek, query.offset, granted.has('view-payloads'));
  }
}
