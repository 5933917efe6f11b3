import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Permission } from '../auth/permission.decorator.js';
import { RecordArchive } from '../history/record-archive.js';
import { TaskArchive } from '../history/task-archive.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { TaskAuditDto, TaskAuditQueryDto } from './task-audit.dto.js';
import { DOCUMENTED_ID, TASK_ID } from './task-id.js';

@ApiTags('tasks')
@Controller('tasks')
export class TaskAuditController {
  constructor(
    private readonly tasks: TaskArchive,
    private readonly records: RecordArchive,
  ) {}

  @Get(':id/audit')
  @Permission('view-audit')
  @ApiOperation({
    operationId: 'getTaskAudit',
    summary: 'What people have done to a task, or tried to',
    description:
      'From the history, where it is a second later than it happened. Actions on this task alone, by its full id: what was done to many at once is in the audit.',
  })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: TaskAuditDto })
  @ApiProblems(400, 404, 409, 503)
  async audit(@Param('id', TASK_ID) given: string, @Query() query: TaskAuditQueryDto): Promise<TaskAuditDto> {
    const { id, source } = await this.tasks.task(given, query.source);
    return new TaskAuditDto(await this.records.actionsOn(id, source, query.limit + 1), query.limit);
  }
}
