import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Permission } from '../auth/permission.decorator.js';
import { Clock } from '../core/clock.js';
import type { SeriesKind, SeriesRow } from '../core/series.js';
import { StatisticsArchive } from '../history/statistics-archive.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { isoSeconds } from '../http/iso-time.js';
import { GapsDto } from '../metrics/metrics-summary.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { FailureGroupDto, FailuresDto, FailuresQueryDto } from './failures.dto.js';
import { TimeseriesDto, TimeseriesLineDto, TimeseriesQueryDto } from './timeseries.dto.js';
import { levelValues, type TimeseriesSpan, taskValues, watchedSeconds } from './timeseries.js';
import { invalid, metricsOf, spanOf } from './timeseries-query.js';

const MAX_GAPS = 100;
/** Parts of a failure's trend. */
const TREND = 24;

@ApiTags('metrics')
@Controller()
export class StatsController {
  constructor(
    private readonly archive: StatisticsArchive,
    private readonly inspector: QueueInspector,
    private readonly clock: Clock,
  ) {}

  @Get('stats/timeseries')
  @Permission('view')
  @ApiOperation({
    operationId: 'getTimeseries',
    summary: 'Rates, run times, waits, queues and workers over time',
    description:
      'Reaches back 6 hours in steps of 10 seconds, 2 days in minutes, 120 days in hours, 3 years in days; one hour without a history.',
  })
  @ApiOkResponse({ type: TimeseriesDto })
  @ApiProblems(400, 404, 503)
  async timeseries(@Query() query: TimeseriesQueryDto): Promise<TimeseriesDto> {
    // Names an unknown source as such, where a chart would just be empty.
    this.inspector.views(query.source);
    const metrics = metricsOf(query.metric);
    const { name, queue } = query;
    if (name !== undefined && queue !== undefined) throw invalid('queue', 'no queue beside a name', `"${queue}"`);
    const step = query.step === 0 ? undefined : query.step;
    const span = spanOf({ from: query.from, to: query.to, step }, this.clock.now());
    const read = this.#reader(span, query.source ?? null);
    const watched = watchedSeconds(await read('source', null), span);
    const lines: TimeseriesLineDto[] = [];
    for (const [label, metric] of metrics) {
      const values =
        metric.of === 'tasks'
          ? taskValues(metric, await read(...tasksOf(name, queue)), watched, span)
          : levelValues(metric, await read(metric.of, metric.of === 'depth' ? (queue ?? null) : null), span);
      lines.push(new TimeseriesLineDto(label, metric.unit, values));
    }
    return new TimeseriesDto({
      from: isoSeconds(span.from),
      to: isoSeconds(span.to),
      step_seconds: span.step,
      series: lines,
      gaps: this.#gaps(span, query.source),
    });
  }

  @Get('failures')
  @Permission('view')
  @ApiOperation({ operationId: 'getFailures', summary: 'Failed tasks, grouped by cause' })
  @ApiOkResponse({ type: FailuresDto })
  @ApiProblems(400, 404, 503)
  async failures(@Query() query: FailuresQueryDto): Promise<FailuresDto> {
    this.inspector.views(query.source);
    const { from, to } = spanOf({ from: query.since ?? '24h', to: query.until, step: undefined }, this.clock.now());
    const found = await this.archive.failures({
      since: from * 1000,
      until: to * 1000,
      source: query.source ?? null,
      name: query.name ?? null,
      queue: query.queue ?? null,
      limit: query.limit,
      parts: TREND,
    });
    return new FailuresDto({
      since: isoSeconds(from),
      until: isoSeconds(to),
      step_seconds: (to - from) / TREND,
      failures: found.failures,
      causes: found.causes,
      complete: found.complete,
      items: found.groups.map((group) => new FailureGroupDto(group)),
    });
  }

  /** Several metrics are made of the same rows: each kind is read once. */
  #reader(span: TimeseriesSpan, source: string | null) {
    const read = new Map<SeriesKind, Promise<readonly SeriesRow[]>>();
    return (kind: SeriesKind, key: string | null): Promise<readonly SeriesRow[]> => {
      const known = read.get(kind);
      if (known !== undefined) return known;
      const asked = this.archive.series({ kind, key, source, from: span.from, to: span.to, step: span.step });
      read.set(kind, asked);
      return asked;
    };
  }

  #gaps({ from, to }: TimeseriesSpan, source: string | undefined): GapsDto['items'] {
    const within = this.inspector
      .gaps(Number.MAX_SAFE_INTEGER)
      .filter(
        (gap) => gap.to >= from * 1000 && gap.from < to * 1000 && (source === undefined || gap.source === source),
      );
    return new GapsDto(this.inspector.gapTotals(), within.slice(0, MAX_GAPS), this.inspector.sources()).items;
  }
}

function tasksOf(name: string | undefined, queue: string | undefined): [SeriesKind, string | null] {
  if (name !== undefined) return ['name', name];
  return queue === undefined ? ['all', null] : ['queue', queue];
}
