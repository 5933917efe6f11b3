// The program of a worker process: see bull-worker.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Job } from 'bull';
import Bull from 'bull';
import { cancellable, createAgent } from '../../agent/agent.js';

const [, , url = '', queueName = '', concurrency = '1', agentRedis = '', locks = 'fast', metricsPort = ''] =
  process.argv;

class QuotaExceeded extends Error {}

/** Fast locks, so that a killed worker's jobs are found stalled within a second; and none is forgiven. Else Bull's own settings. */
const fast = {
  lockDuration: 1_000,
  stalledInterval: 400,
  maxStalledCount: 0,
  guardInterval: 200,
  retryProcessDelay: 200,
};
const settings = locks === 'fast' ? fast : { retryProcessDelay: 200 };
const queue = new Bull(queueName, url, { settings, redis: { maxRetriesPerRequest: null } });
const boxed = new Bull(`${queueName}-boxed`, url, { redis: { maxRetriesPerRequest: null } });

const agent =
  agentRedis === ''
    ? null
    : createAgent({
        redis: agentRedis,
        heartbeatMs: 300,
        resourcesIntervalMs: 500,
        ...(metricsPort === '' ? {} : { metrics: { port: Number(metricsPort) } }),
        log: (line) => process.send?.({ log: line }),
      });
agent?.instrument(queue);

const processing = [
  queue.process('ok', Number(concurrency), async (job: Job) => job.data),
  queue.process('fail', 1, async () => {
    throw new TypeError('never works');
  }),
  queue.process('retry', 1, async (job: Job) => {
    if (job.attemptsMade < 2) throw new QuotaExceeded('later');
  }),
  queue.process('slow', 1, async (job: Job<{ ms: number }>) => sleep(job.data.ms)),
  queue.process(
    'obedient',
    2,
    cancellable(async (job: Job<{ ms: number }>, signal) => sleep(job.data.ms, undefined, { signal })),
  ),
  boxed.process(1, fileURLToPath(new URL('bull-worker-sandboxed.cjs', import.meta.url))),
];
// After process(), unlike the other one: both orders have to work.
agent?.instrument(boxed);

// A queue that is closed before its loops have begun rejects with undefined.
for (const loops of processing) loops.catch((problem: unknown) => process.send?.({ log: `bull: ${String(problem)}` }));

process.on('message', () => void close());
async function close(): Promise<void> {
  await Promise.all([queue.close(), boxed.close()]);
  await agent?.close();
  process.exit(0);
}

await Promise.all([queue.isReady(), boxed.isReady()]);
process.send?.({ ready: true });
