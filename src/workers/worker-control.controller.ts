import { Body, Controller, Delete, HttpCode, HttpStatus, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Permission } from '../auth/permission.decorator.js';
import { InvalidRequest } from '../core/errors.js';
import type { WorkerCommand } from '../core/worker-control.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { BoundedText } from '../http/bounded-text.pipe.js';
import { ApiCommandReport, CommandReportDto, commandStatus } from '../http/command-report.dto.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { findWorker } from './find-worker.js';
import { AutoscaleDto, EventsSwitchDto, PoolChangeDto } from './worker-control.dto.js';

const NAME = new BoundedText('a worker name');
const QUEUE = new BoundedText('a queue name', 256);
const DOCUMENTED_NAME = { name: 'name', description: 'Its name, percent-encoded', example: 'celery@worker1' };
const DOCUMENTED_QUEUE = { name: 'queue', description: 'The queue’s name, percent-encoded', example: 'training' };

@ApiTags('workers')
@Controller('workers')
export class WorkerControlController {
  constructor(private readonly inspector: QueueInspector) {}

  @Post(':name/shutdown')
  @HttpCode(HttpStatus.OK)
  @Permission('administer')
  @ApiOperation({
    operationId: 'shutdownWorker',
    summary: 'End a worker once it has finished what it runs',
    description: 'Whatever supervises the worker may start it again.',
  })
  @ApiParam(DOCUMENTED_NAME)
  @ApiCommandReport()
  @ApiProblems(400, 404, 409, 413, 503)
  shutdown(
    @Param('name', NAME) name: string,
    @Query() query: SourceQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CommandReportDto> {
    return this.#tell(name, { kind: 'shutdown' }, query, response);
  }

  @Post(':name/pool')
  @HttpCode(HttpStatus.OK)
  @Permission('administer')
  @ApiOperation({
    operationId: 'changeWorkerPool',
    summary: 'Grow, shrink or restart the pool of a worker',
    description: 'Celery grows a pool within five seconds, and restarts one only where `worker_pool_restarts` is set.',
  })
  @ApiParam(DOCUMENTED_NAME)
  @ApiCommandReport()
  @ApiProblems(400, 404, 409, 413, 503)
  pool(
    @Param('name', NAME) name: string,
    @Query() query: SourceQueryDto,
    @Body() { action, by }: PoolChangeDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CommandReportDto> {
    const command: WorkerCommand =
      action === 'restart' ? { kind: 'restart-pool' } : { kind: action === 'grow' ? 'grow-pool' : 'shrink-pool', by };
    return this.#tell(name, command, query, response);
  }

  @Put(':name/autoscale')
  @Permission('administer')
  @ApiOperation({ operationId: 'setWorkerAutoscale', summary: 'Set the bounds between which a worker resizes itself' })
  @ApiParam(DOCUMENTED_NAME)
  @ApiCommandReport()
  @ApiProblems(400, 404, 409, 413, 503)
  async autoscale(
    @Param('name', NAME) name: string,
    @Query() query: SourceQueryDto,
    @Body() { minimum, maximum }: AutoscaleDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CommandReportDto> {
    if (minimum > maximum) {
      // Celery takes it without a word, and then shrinks and grows by turns.
      throw new InvalidRequest(`minimum: expected at most the maximum, ${maximum}, found ${minimum}`);
    }
    return this.#tell(name, { kind: 'autoscale', minimum, maximum }, query, response);
  }

  @Put(':name/queues/:queue')
  @Permission('administer')
  @ApiOperation({ operationId: 'addWorkerQueue', summary: 'Make a worker take from one more queue' })
  @ApiParam(DOCUMENTED_NAME)
  @ApiParam(DOCUMENTED_QUEUE)
  @ApiCommandReport()
  @ApiProblems(400, 404, 409, 413, 503)
  addQueue(
    @Param('name', NAME) name: string,
    @Param('queue', QUEUE) queue: string,
    @Query() query: SourceQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CommandReportDto> {
    return this.#tell(name, { kind: 'add-queue', queue }, query, response);
  }

  @Delete(':name/queues/:queue')
  @Permission('administer')
  @ApiOperation({ operationId: 'cancelWorkerQueue', summary: 'Make a worker take from a queue no more' })
  @ApiParam(DOCUMENTED_NAME)
  @ApiParam(DOCUMENTED_QUEUE)
  @ApiCommandReport()
  @ApiProblems(400, 404, 409, 413, 503)
  cancelQueue(
    @Param('name', NAME) name: string,
    @Param('queue', QUEUE) queue: string,
    @Query() query: SourceQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CommandReportDto> {
    return this.#tell(name, { kind: 'cancel-queue', queue }, query, response);
  }

  @Put(':name/events')
  @Permission('administer')
  @ApiOperation({
    operationId: 'setWorkerEvents',
    summary: 'Switch the task events of a worker on or off',
    description: 'Off means that its tasks are counted by number only, in gaps. A worker started with `-E` refuses.',
  })
  @ApiParam(DOCUMENTED_NAME)
  @ApiCommandReport()
  @ApiProblems(400, 404, 409, 413, 503)
  events(
    @Param('name', NAME) name: string,
    @Query() query: SourceQueryDto,
    @Body() { enabled }: EventsSwitchDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CommandReportDto> {
    return this.#tell(name, { kind: 'events', enabled: enabled === true }, query, response);
  }

  async #tell(
    name: string,
    command: WorkerCommand,
    query: SourceQueryDto,
    response: Response,
  ): Promise<CommandReportDto> {
    const { view } = await findWorker(this.inspector, name, query.source);
    const report = await this.inspector.command(view.source.name, command, [name]);
    response.status(commandStatus(report.outcome));
    return new CommandReportDto(report);
  }
}
