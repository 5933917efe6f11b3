import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Permission } from '../auth/permission.decorator.js';
import { Clock } from '../core/clock.js';
import { StatisticsArchive } from '../history/statistics-archive.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { isoSeconds } from '../http/iso-time.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { NameStatisticDto, NameStatisticsDto, NameStatisticsQueryDto } from './name-statistics.dto.js';
import { nameStatistics } from './name-statistics.js';
import { type TimeseriesSpan } from './timeseries.js';
import { spanOf } from './timeseries-query.js';

const PARTS = 24;
/** The coarsest rows, in seconds, of which this many at most make up the time asked for: names times rows are read. */
const ROWS = [10, 60, 3_600, 86_400] as const;
const MAX_ROWS = 60;

@ApiTags('metrics')
@Controller('stats')
export class NameStatisticsController {
  constructor(
    private readonly archive: StatisticsArchive,
    private readonly inspector: QueueInspector,
    private readonly clock: Clock,
  ) {}

  @Get('detailed/window')
  @Permission('view')
  @ApiOperation({
    operationId: 'getTaskStatisticsOver',
    summary: 'Per task name over any time: counts, run times, waits, and how they went',
    description:
      'From the history; without one, of the last hour. The slowest tasks themselves: `GET /tasks?name=…&sort=-runtime`.',
  })
  @ApiOkResponse({ type: NameStatisticsDto })
  @ApiProblems(400, 404, 503)
  async over(@Query() query: NameStatisticsQueryDto): Promise<NameStatisticsDto> {
    this.inspector.views(query.source);
    const span = this.#span(query);
    const name = query.name ?? null;
    const rows = await this.archive.series({
      ...span,
      kind: 'name',
      key: name === null || name.endsWith('*') ? null : name,
      source: query.source ?? null,
    });
    const found = nameStatistics(rows, span, { name, sort: query.sort, parts: PARTS });
    return new NameStatisticsDto({
      since: isoSeconds(span.from),
      until: isoSeconds(span.to),
      total: found.length,
      items: found.slice(0, query.limit).map((statistic) => new NameStatisticDto(statistic)),
    });
  }

  #span({ since, until }: NameStatisticsQueryDto): TimeseriesSpan {
    const now = this.clock.now();
    const asked = { from: since ?? '24h', to: until };
    const { from, to } = spanOf({ ...asked, step: undefined }, now);
    const step = ROWS.find((rows) => (to - from) / rows <= MAX_ROWS) ?? 86_400;
    return spanOf({ ...asked, step }, now);
  }
}
