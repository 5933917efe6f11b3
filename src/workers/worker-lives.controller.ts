import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { currentScope } from '../core/scope.js';
import { RecordArchive } from '../history/record-archive.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { BoundedText } from '../http/bounded-text.pipe.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { findWorker } from './find-worker.js';
import { WorkerLivesDto, WorkerLivesQueryDto } from './worker-lives.dto.js';

@ApiTags('workers')
@Controller('workers')
export class WorkerLivesController {
  constructor(
    private readonly inspector: QueueInspector,
    private readonly archive: RecordArchive,
  ) {}

  @Get(':name/lives')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'getWorkerLives',
    summary: 'Which processes have had this name, from when to when',
    description:
      'From the history, also of a worker that has long gone. Looked at every ten seconds: a process that lived for less may be missing. A caller ' +
      'limited to some queues is told of a worker that is there now.',
  })
  @ApiParam({ name: 'name', description: 'Its name, percent-encoded', example: 'celery@worker1' })
  @ApiOkResponse({ type: WorkerLivesDto })
  @ApiProblems(400, 404, 409, 503)
  async lives(
    @Param('name', new BoundedText('a worker name')) name: string,
    @Query() query: WorkerLivesQueryDto,
  ): Promise<WorkerLivesDto> {
    this.inspector.views(query.source);
    // Nobody knows the queues of those that have gone.
    if (currentScope().queues !== null) await findWorker(this.inspector, name, query.source);
    const found = await this.archive.lives(name, query.source ?? null, query.limit + 1);
    // Of one that has just come nothing is stored yet.
    if ((found ?? []).length === 0) await findWorker(this.inspector, name, query.source);
    return new WorkerLivesDto(found, query.limit);
  }
}
