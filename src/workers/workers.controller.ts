import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { Clock } from '../core/clock.js';
import type { TaskSummary } from '../core/task.js';
import { isUp, type Worker } from '../core/worker.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { BoundedText } from '../http/bounded-text.pipe.js';
import { isoNow } from '../http/iso-time.js';
import { SourceQueryDto, StatusListQueryDto } from '../http/list-query.dto.js';
import { SourceStateDto } from '../http/source-state.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import type { SourceView } from '../queue-inspector/source-view.js';
import { findWorker } from './find-worker.js';
import { WorkerDto } from './worker.dto.js';
import { WorkerInspectionDto } from './worker-inspection.dto.js';
import { WorkersStatusDto } from './workers-status.dto.js';

@ApiTags('workers')
@Controller('workers')
export class WorkersController {
  constructor(
    private readonly inspector: QueueInspector,
    private readonly clock: Clock,
  ) {}

  @Get('status')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'getWorkersStatus', summary: 'All workers: what they can do, and what they do now' })
  @ApiOkResponse({ type: WorkersStatusDto })
  @ApiProblems(400, 404)
  async status(@Query() query: StatusListQueryDto): Promise<WorkersStatusDto> {
    const views = await this.inspector.look(query.source);
    const all = views.flatMap((view) => this.inspector.workersOf(view).map((worker) => ({ view, worker })));
    const workers = all.slice(0, query.limit);
    return new WorkersStatusDto({
      timestamp: isoNow(this.clock),
      total_workers: all.length,
      workers_up: all.filter(({ worker }) => isUp(worker.status)).length,
      workers: workers.map(({ view, worker }) => this.#describe(view, worker)),
      truncated: workers.length < all.length,
      sources: views.map((view) => new SourceStateDto(view)),
    });
  }

  @Get(':name')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'getWorker', summary: 'One worker' })
  @ApiParam({ name: 'name', description: 'Its name, percent-encoded', example: 'celery@worker1' })
  @ApiOkResponse({ type: WorkerDto })
  @ApiProblems(400, 404, 409, 503)
  async worker(
    @Param('name', new BoundedText('a worker name')) name: string,
    @Query() query: SourceQueryDto,
  ): Promise<WorkerDto> {
    const { view, worker } = await findWorker(this.inspector, name, query.source);
    return this.#describe(view, worker);
  }

  @Get(':name/inspection')
  @Permission('view-payloads')
  @ScopedBy('source')
  @ApiOperation({
    operationId: 'inspectWorker',
    summary: 'What a worker could run, its settings and its figures, by its own word',
    description: 'Asks the worker itself, so a Celery worker of the `solo` pool answers nothing while it is busy.',
  })
  @ApiParam({ name: 'name', description: 'Its name, percent-encoded', example: 'celery@worker1' })
  @ApiOkResponse({ type: WorkerInspectionDto })
  @ApiProblems(400, 404, 409, 503)
  async inspection(
    @Param('name', new BoundedText('a worker name')) name: string,
    @Query() query: SourceQueryDto,
  ): Promise<WorkerInspectionDto> {
    const { view, worker } = await findWorker(this.inspector, name, query.source);
    return new WorkerInspectionDto(worker, await this.inspector.inspectWorker(view.source.name, name));
  }

  #describe(view: SourceView, worker: Worker): WorkerDto {
    return new WorkerDto(worker, activeTasksOf(view, worker), this.clock.now());
  }
}

function activeTasksOf(view: SourceView, worker: Worker): readonly TaskSummary[] | null {
  if (!view.capabilities.has('task-worker') || view.snapshot === null) return null;
  return view.snapshot.active.tasks.filter((task) => task.worker === worker.name);
}
