import { setTimeout as sleep } from 'node:timers/promises';
import { UnrecoverableError, Worker } from 'bullmq';
import { SeededRandom } from '../data/random.js';
import type { SampleSettings } from '../sample-settings.js';
import { reportTo, warehouseOptions } from './warehouse-connection.js';

export interface ExtractRequest {
  readonly source: string;
  readonly seed: number;
  /** The table is not there any more: trying again is no use. */
  readonly gone: boolean;
}

export interface ExtractResult {
  readonly source: string;
  readonly rows: number;
}

/** Try again later. */
export class SourceBusy extends Error {
  override readonly name = 'SourceBusy';
}

const PAGES = 5;

/** Reads a table page by page from a database that exists only here. */
export function extractWorker(settings: SampleSettings): Worker<ExtractRequest, ExtractResult> {
  const worker = new Worker<ExtractRequest, ExtractResult>(
    'extracts',
    // BullMQ aborts the signal when the task is cancelled; it looks for the third parameter.
    async (job, _token, signal) => {
      const { source, seed, gone } = job.data;
      if (gone) throw new UnrecoverableError(`relation "${source}" does not exist`);
      const random = new SeededRandom(seed + job.attemptsMade);
      let rows = 0;
      for (let page = 1; page <= PAGES; page += 1) {
        await sleep(random.between(20, 150), undefined, signal ? { signal } : {});
        if (random.chance(0.05)) throw new SourceBusy(`${source}: too many connections, try again later`);
        rows += random.between(100, 900);
        await job.updateProgress({ done: page, of: PAGES });
      }
      await job.log(`${rows} rows of ${source}`);
      return { source, rows };
    },
    { ...warehouseOptions(settings), concurrency: 3 },
  );
  return worker.on('error', reportTo('extracts'));
}
