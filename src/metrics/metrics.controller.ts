import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Permission } from '../auth/permission.decorator.js';
import { Clock } from '../core/clock.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { decodeCursor, encodeCursor } from '../http/cursor.js';
import { isoNow } from '../http/iso-time.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { GapsDto, MetricsSummaryDto, MetricsSummaryQueryDto } from './metrics-summary.dto.js';
import { TaskStatisticsDto, TaskStatisticsPageDto, TaskStatisticsQueryDto } from './task-statistics.dto.js';
import { TaskStatistics } from './task-statistics.js';

/** The only order of the statistics; part of their cursors. */
const SORT = 'name';

@ApiTags('metrics')
@Controller()
export class MetricsController {
  constructor(
    private readonly inspector: QueueInspector,
    private readonly statistics: TaskStatistics,
    private readonly clock: Clock,
  ) {}

  @Get('metrics/summary')
  @Permission('view')
  @ApiOperation({
    operationId: 'getMetricsSummary',
    summary: 'Workers, tasks, queues, failures and run times in numbers',
  })
  @ApiOkResponse({ type: MetricsSummaryDto })
  @ApiProblems(400, 404)
  async summary(@Query() { source, limit }: MetricsSummaryQueryDto): Promise<MetricsSummaryDto> {
    const views = await this.inspector.look(source);
    return new MetricsSummaryDto({
      timestamp: isoNow(this.clock),
      views,
      workers: views.flatMap((view) => this.inspector.workersOf(view)),
      totals: this.statistics.totals(source),
      perTask: this.statistics.list({ source, limit }).items,
      gaps: new GapsDto(this.inspector.gapTotals(), this.inspector.gaps(limit), this.inspector.sources()),
      limit,
    });
  }

  @Get('stats/detailed')
  @Permission('view')
  @ApiOperation({
    operationId: 'getTaskStatistics',
    summary: 'Per task name: counts, rates, run times, retries, timeouts, the last failure',
  })
  @ApiOkResponse({ type: TaskStatisticsPageDto })
  @ApiProblems(400, 404)
  detailed(@Query() { source, name, limit, cursor }: TaskStatisticsQueryDto): TaskStatisticsPageDto {
    // Names an unknown source as such, where a list would just be empty.
    this.inspector.views(source);
    const after = cursor === undefined ? undefined : decodeCursor(cursor, SORT);
    const { items, total, more } = this.statistics.list({
      source,
      name,
      limit,
      after: after === undefined ? undefined : { name: String(after.key), source: after.source },
    });
    const last = items[items.length - 1];
    return new TaskStatisticsPageDto({
      items: items.map((item) => new TaskStatisticsDto(item)),
      next_cursor:
        more && last !== undefined ? encodeCursor({ key: last.name, source: last.source.name, id: '' }, SORT) : null,
      total,
    });
  }
}
