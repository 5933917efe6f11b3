import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { FamilyArchive } from '../history/family-archive.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { TaskFamilyDto } from './task-family.dto.js';
import { DOCUMENTED_ID, TASK_ID } from './task-id.js';

@ApiTags('tasks')
@Controller('tasks')
export class TaskFamilyController {
  constructor(private readonly families: FamilyArchive) {}

  @Get(':id/family')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'getTaskFamily',
    summary: 'The workflow that a task belongs to, as a tree',
    description:
      'Chains, groups and chords of Celery, flows of BullMQ: from what events told, and from the broker where it keeps them.',
  })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: TaskFamilyDto })
  @ApiProblems(400, 404, 409, 503)
  async family(@Param('id', TASK_ID) id: string, @Query() query: SourceQueryDto): Promise<TaskFamilyDto> {
    return new TaskFamilyDto(await this.families.family(id, query.source));
  }
}
