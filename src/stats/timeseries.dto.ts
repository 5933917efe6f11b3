import { ApiProperty } from '@nestjs/swagger';
import { MAX_NAME_LENGTH, SourceQueryDto } from '../http/list-query.dto.js';
import { TextField, WholeNumberField } from '../http/query-fields.js';
import { GapDto } from '../metrics/metrics-summary.dto.js';
import type { TimeseriesValues } from './timeseries.js';
import { TIMESERIES_METRICS, type TimeseriesMetric } from './timeseries-metrics.js';
import { MAX_METRICS } from './timeseries-query.js';

const MOMENT = 'ISO 8601, epoch seconds, or how long ago, such as `15m`';
const UNITS = ['per second', 'seconds', 'ratio', 'count'] as const satisfies TimeseriesMetric['unit'][];
const METRICS = Object.entries(TIMESERIES_METRICS).map(([name, { help }]) => `\`${name}\` (${help})`);

export class TimeseriesQueryDto extends SourceQueryDto {
  @TextField({
    description: `At most ${MAX_METRICS}, separated by commas: ${METRICS.join(', ')}`,
    maxLength: 512,
    example: 'finished,failed',
  })
  readonly metric: string = 'finished';

  @TextField({ description: `Beginning: ${MOMENT}; by default an hour before \`to\``, maxLength: 64, example: '6h' })
  readonly from?: string;

  @TextField({ description: `End: ${MOMENT}; by default now`, maxLength: 64 })
  readonly to?: string;

  @WholeNumberField({
    description:
      'Seconds per value; the next longer of 10, 30, 60, 300, 900, 3600, 10800, 21600, 86400 and 604800 is taken. 0 chooses one that fits the time',
    minimum: 0,
    maximum: 604_800,
    default: 0,
  })
  readonly step: number = 0;

  @TextField({ description: 'Tasks of this name only; not together with `queue`', maxLength: MAX_NAME_LENGTH })
  readonly name?: string;

  @TextField({ description: 'This queue, or tasks of it, only', maxLength: MAX_NAME_LENGTH })
  readonly queue?: string;
}

export class TimeseriesLineDto {
  readonly metric: string;
  @ApiProperty({ enum: UNITS })
  readonly unit: TimeseriesMetric['unit'];
  /** One for each step from `from` on; null where nobody looked, or it cannot be told. */
  @ApiProperty({ type: 'array', items: { type: 'number', nullable: true } })
  readonly values: TimeseriesValues;

  constructor(metric: string, unit: TimeseriesMetric['unit'], values: TimeseriesValues) {
    this.metric = metric;
    this.unit = unit;
    this.values = values;
  }
}

/** Values in steps of equal length. */
export class TimeseriesDto {
  @ApiProperty({ type: String, format: 'date-time' })
  readonly from: string;
  @ApiProperty({ type: String, format: 'date-time' })
  readonly to: string;
  readonly step_seconds: number;
  @ApiProperty({ type: [TimeseriesLineDto] })
  readonly series: readonly TimeseriesLineDto[];
  /** Times of which not everything is known, the latest first. */
  @ApiProperty({ type: [GapDto] })
  readonly gaps: readonly GapDto[];

  constructor(body: TimeseriesDto) {
    this.from = body.from;
    this.to = body.to;
    this.step_seconds = body.step_seconds;
    this.series = body.series;
    this.gaps = body.gaps;
  }
}
