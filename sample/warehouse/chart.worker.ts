import { Worker } from 'bullmq';
import { cancellable } from '../../agent/agent.js';
import { SeededRandom } from '../data/random.js';
import type { SampleSettings } from '../sample-settings.js';
import { TimeSlices } from '../time-slices.js';
import { reportTo, warehouseOptions } from './warehouse-connection.js';

export interface ChartRequest {
  readonly kind: 'line' | 'bars';
  readonly points: number;
  readonly seed: number;
}

export interface ChartResult {
  readonly kind: ChartRequest['kind'];
  readonly characters: number;
}

/** Points between two looks at the clock; each is smoothed over all before it. */
const SLICE = 50;

/** Draws made-up figures as the path of an SVG. Now and then a chart has nothing to show, and the report goes without it. */
export function chartWorker(settings: SampleSettings): Worker<ChartRequest, ChartResult> {
  const draw = cancellable(async ({ data }: { readonly data: ChartRequest }, signal): Promise<ChartResult> => {
    const random = new SeededRandom(data.seed);
    if (random.chance(0.1)) throw new RangeError('a chart needs two points at least, found 0');
    const slices = new TimeSlices(signal);
    const values: number[] = [];
    const path: string[] = [];
    for (let x = 0; x < data.points; x += 1) {
      values.push(random.next());
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      path.push(data.kind === 'line' ? `L${x},${mean.toFixed(3)}` : `M${x},0V${mean.toFixed(3)}`);
      if (x % SLICE === 0 && slices.due()) await slices.rest();
    }
    return { kind: data.kind, characters: path.join('').length };
  });
  const worker = new Worker<ChartRequest, ChartResult>('charts', draw, warehouseOptions(settings));
  return worker.on('error', reportTo('charts'));
}
