import { type Job, Worker } from 'bullmq';
import type { SampleSettings } from '../sample-settings.js';
import { nightlyFlow } from './nightly-flow.js';
import { reportTo, warehouseOptions } from './warehouse-connection.js';
import type { WarehouseQueues } from './warehouse-queues.js';

interface Report {
  readonly rows: number;
  readonly charts: number;
  /** Charts that could not be drawn. */
  readonly gaps: number;
}

/** What a scheduler starts plans the report; the report itself is built once all its parts are there. */
export function nightlyWorker(settings: SampleSettings, { flows }: WarehouseQueues): Worker {
  const worker = new Worker(
    'nightly',
    async (job: Job): Promise<Report | { readonly planned: string }> => {
      switch (job.name) {
        case 'plan_report': {
          const planned = await flows.add(nightlyFlow(job.timestamp));
          return { planned: String(planned.job.id) };
        }
        case 'build_report':
          return build(job);
        default:
          throw new TypeError(`nightly: no such task: ${job.name}`);
      }
    },
    warehouseOptions(settings),
  );
  return worker.on('error', reportTo('nightly'));
}

async function build(job: Job): Promise<Report> {
  const parts: readonly unknown[] = Object.values(await job.getChildrenValues());
  const rows = parts.map((part) => numberIn(part, 'rows')).filter((count) => count !== null);
  const charts = parts.filter((part) => numberIn(part, 'characters') !== null).length;
  const gaps = Object.keys(await job.getIgnoredChildrenFailures()).length;
  await job.log(`built from ${rows.length} extracts and ${charts} charts`);
  return { rows: rows.reduce((sum, count) => sum + count, 0), charts, gaps };
}

function numberIn(part: unknown, key: string): number | null {
  const found: unknown = typeof part === 'object' && part !== null ? Reflect.get(part, key) : null;
  return typeof found === 'number' ? found : null;
}
