import { type Figure, figure } from './figure.js';
import { measureRecorder, measureScrape } from './scrape.js';

export async function scrapeFigures(): Promise<readonly Figure[]> {
  const scrape = await measureScrape();
  const recorder = measureRecorder();
  return [
    figure('scrape, 1000 queues and 200 task names', scrape.medianMs, 'ms', {
      text: 'at most 100',
      good: scrape.medianMs <= 100,
    }),
    figure('scrape, 95th percentile', scrape.p95Ms, 'ms'),
    figure('samples in it', scrape.series, 'samples'),
    figure('size of it', scrape.bytes / 1024, 'KiB'),
    figure('metrics’ cost of a finished attempt', recorder.nsPerAttempt, 'ns'),
  ];
}
