import { Body, Controller, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { SentTaskDto, TaskOrderDto } from './task-order.dto.js';

@ApiTags('tasks')
@Controller('tasks')
export class TaskSendingController {
  constructor(private readonly inspector: QueueInspector) {}

  @Post()
  @HttpCode(HttpStatus.CREATED)
  @Permission('administer')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'sendTask',
    summary: 'Send a new Celery task',
    description:
      'Off unless the settings of the broker list names of tasks under `celery.sendable`; any other name is refused with 403. Numbers are sent ' +
      'as JavaScript writes them: 1.0 becomes 1.',
  })
  @ApiCreatedResponse({ type: SentTaskDto })
  @ApiProblems(400, 403, 404, 409, 413, 503)
  async send(@Query() query: SourceQueryDto, @Body() body: TaskOrderDto): Promise<SentTaskDto> {
    const source = this.inspector.capableSource('send-task', query.source);
    const { name, queue, args = [], kwargs = {}, delay_seconds } = body;
    const order = { name, queue, args, kwargs, delayMs: Math.round(delay_seconds * 1000) };
    return new SentTaskDto(await this.inspector.actions.send(source.name, order));
  }
}
