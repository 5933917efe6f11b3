import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { Clock } from '../core/clock.js';
import { HistoryHealth } from '../history/history-health.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { isoNow } from '../http/iso-time.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { assessHealth } from './assess-health.js';
import { HealthDto } from './health.dto.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly inspector: QueueInspector,
    private readonly clock: Clock,
    private readonly history: HistoryHealth,
  ) {}

  @Get()
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'getHealth', summary: 'Whether brokers, workers and the history are well' })
  @ApiOkResponse({ type: HealthDto, description: 'Healthy or degraded' })
  @ApiServiceUnavailableResponse({ type: HealthDto, description: 'Unhealthy: no broker can be reached' })
  @ApiProblems()
  async health(@Res({ passthrough: true }) response: Response): Promise<HealthDto> {
    const views = await this.inspector.look();
    const workers = views.flatMap((view) => this.inspector.workersOf(view));
    const unresolved = this.inspector.unresolved();
    const health = assessHealth({
      views,
      unresolved,
      workers,
      history: this.history.condition(),
      timestamp: isoNow(this.clock),
    });
    if (health.status === 'unhealthy') response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return health;
  }
}
