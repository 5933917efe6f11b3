import { Body, Controller, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { Clock } from '../core/clock.js';
import { InvalidRequest } from '../core/errors.js';
import { foundText } from '../core/found-text.js';
import { parseMoment } from '../core/task-filter-time.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { SourceQueryDto } from '../http/list-query.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { SentTaskDto, TaskOrderDto, YEAR_SECONDS } from './task-order.dto.js';

@ApiTags('tasks')
@Controller('tasks')
export class TaskSendingController {
  constructor(
    private readonly inspector: QueueInspector,
    private readonly clock: Clock,
  ) {}

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
    const { name, queue, args = [], kwargs = {} } = body;
    const order = { name, queue, args, kwargs, delayMs: delayOf(body, this.clock.now()) };
    return new SentTaskDto(await this.inspector.actions.send(source.name, order));
  }
}

/** In milliseconds from now. */
function delayOf({ delay_seconds, eta }: TaskOrderDto, now: number): number {
  const delayMs = Math.round(delay_seconds * 1000);
  if (eta === undefined) return delayMs;
  if (delayMs > 0) throw invalid('eta', 'either `eta` or `delay_seconds`', 'both');
  const at = /^\d{4}-/.test(eta) ? parseMoment(eta, now) : null;
  if (at === null || at - now > YEAR_SECONDS * 1000)
    throw invalid('eta', 'an ISO 8601 time within a year', foundText(eta));
  return Math.max(0, Math.round(at - now));
}

function invalid(field: string, expected: string, found: string): InvalidRequest {
  return new InvalidRequest(`${field}: expected ${expected}, found ${found}`, { errors: [{ field, expected, found }] });
}
