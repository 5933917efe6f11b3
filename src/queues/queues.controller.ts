import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Permission } from '../auth/permission.decorator.js';
import { Clock } from '../core/clock.js';
import { QueueNotFound } from '../core/errors.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { BoundedText } from '../http/bounded-text.pipe.js';
import { theOnly, unheard } from '../http/find-by-name.js';
import { isoNow } from '../http/iso-time.js';
import { SourceQueryDto, StatusListQueryDto } from '../http/list-query.dto.js';
import { SourceStateDto } from '../http/source-state.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { QueueDetailDto, QueueDto } from './queue.dto.js';
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
  @ApiOperation({ operationId: 'getQueue', summary: 'One queue, with its repeating tasks' })
  @ApiParam({ name: 'name', description: 'Its name, percent-encoded', example: 'training' })
  @ApiOkResponse({ type: QueueDetailDto })
  @ApiProblems(400, 404, 409, 503)
  async queue(
    @Param('name', new BoundedText('a queue name')) name: string,
    @Query() query: SourceQueryDto,
  ): Promise<QueueDetailDto> {
    const views = await this.inspector.look(query.source);
    const found = views.flatMap(({ source, snapshot }) =>
      (snapshot?.queues ?? [])
        .filter((queue) => queue.name === name)
        .map((queue) => ({ source, item: { queue, at: snapshot?.at ?? null } })),
    );
    const silent = unheard(views, query.source === undefined ? this.inspector.unresolved() : []);
    const { item } = theOnly('queue', name, found, silent, (message) => new QueueNotFound(message, { name }));
    return new QueueDetailDto(item.queue, item.at);
  }
}
